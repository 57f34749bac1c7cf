#pragma once

#include <vector>

#include "operator/control/fleet.h"
#include "operator/control/flow.h"
#include "operator/control/rollout.h"

namespace otlpipe::control {

// From the messages of the control stream (proto/otlpipe/control/v1) to values. Pure; messages come from
// outside, so texts and lists are cut to what a status can hold.

std::vector<Problem> problems_of(const v1::ConfigResult& result);
Flow flow_of(const v1::Report& report);
Duration uptime_of(const v1::Report& report);
std::vector<ExporterSummary> exporters_of(const v1::Report& report);

// Adds what one worker says to what the others said.
void merge(std::vector<ExporterSummary>& all, const std::vector<ExporterSummary>& one);

}  // namespace otlpipe::control
