#pragma once

#include <string>
#include <vector>

#include "operator/api/pipeline.h"
#include "operator/app/options.h"
#include "operator/control/certificates.h"

namespace otlpipe::app {

// What follows from the options and from where the process runs. Pure.

// Where workers reach the operator, and by which files.
api::ControlSettings control_settings(const Options& options, const std::string& own_namespace);

// Which certificate the control server needs for that.
control::CertificateOptions certificate_options(const Options& options, const std::string& own_namespace,
                                                const api::ControlSettings& control);

// The image of this release.
std::string worker_image(const Options& options, std::string_view version);

}  // namespace otlpipe::app
