#pragma once

#include "operator/render/context.h"

namespace otlpipe::render {

// `<name>`: what clients send to.
Child service(const Pipeline& pipeline, const Configuration& configuration, const Release& release);

// `<name>-headless`: the pods one by one, for clients that balance by themselves, and for scraping metrics.
Child headless_service(const Pipeline& pipeline, const Configuration& configuration, const Release& release);

// "otlp-grpc": unique within the pipeline and at most 63 characters.
std::string port_name(const Port& port);

}  // namespace otlpipe::render
