#pragma once

#include "worker/app/supervisor.h"

namespace otlpipe::control::v1 {
class Report;
}

namespace otlpipe::worker::app {

// What the operator hears of the worker: counters since its start, queues and health. Thread safe.
void fill_report(const Supervisor& supervisor, otlpipe::control::v1::Report& report);

}  // namespace otlpipe::worker::app
