#include "worker/app/components.h"

#include "worker/exporters/debug/factory.h"
#include "worker/exporters/file/factory.h"
#include "worker/exporters/otlp_grpc/factory.h"
#include "worker/exporters/otlp_http/factory.h"
#include "worker/processors/batch/factory.h"
#include "worker/receivers/otlp/factory.h"

namespace otlpipe::worker::app {

pipeline::Components all_components() {
  pipeline::Components all;
  all.receivers.push_back(receivers::otlp::make_factory());
  all.processors.push_back(processors::batch::make_factory());
  all.exporters.push_back(exporters::otlp_grpc::make_factory());
  all.exporters.push_back(exporters::otlp_http::make_factory());
  all.exporters.push_back(exporters::debug::make_factory());
  all.exporters.push_back(exporters::file::make_factory());
  return all;
}

}  // namespace otlpipe::worker::app
