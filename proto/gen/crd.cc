#include "proto/gen/crd.h"

#include <nlohmann/json.hpp>

#include "otlpipe/v1alpha1/pipeline.pb.h"
#include "proto/gen/crd_schema.h"
#include "proto/gen/yaml_writer.h"

namespace otlpipe::gen {
namespace {

using json = nlohmann::ordered_json;

json column(const std::string& name, const std::string& type, const std::string& path,
            const std::string& description, int priority = 0) {
  json out = {{"name", name}, {"type", type}, {"jsonPath", path}, {"description", description}};
  if (priority > 0) out["priority"] = priority;
  return out;
}

json columns() {
  return json::array({
      column("Mode", "string", ".spec.mode", "What kind of workload the workers are."),
      column("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status",
             "Whether all conditions hold."),
      column("Replicas", "integer", ".status.replicas", "How many workers there are."),
      column("Received", "integer", ".status.flow.received", "Items taken in in the last minute."),
      column("Dropped", "integer", ".status.flow.dropped", "Items lost in the last minute."),
      column("Age", "date", ".metadata.creationTimestamp", "When it was created."),
      column("Phase", "string", ".status.phase", "The state in one word.", 1),
      column("Reason", "string", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not.",
             1),
  });
}

json version(const Comments& comments) {
  json schema = crd_schema(*v1alpha1::OtlpPipeline::descriptor(), comments);
  // These are the API server's own; a CRD may say nothing about them but their type.
  for (const char* own : {"apiVersion", "kind"}) schema["properties"][own] = {{"type", "string"}};
  schema["properties"]["metadata"] = {{"type", "object"}};
  schema["required"] = json::array({"spec"});
  json out = {{"name", "v1alpha1"}, {"served", true}, {"storage", true}};
  out["additionalPrinterColumns"] = columns();
  out["subresources"] = {{"status", json::object()},
                         {"scale",
                          {{"specReplicasPath", ".spec.replicas"},
                           {"statusReplicasPath", ".status.replicas"},
                           {"labelSelectorPath", ".status.selector"}}}};
  out["schema"] = {{"openAPIV3Schema", std::move(schema)}};
  return out;
}

}  // namespace

std::string crd_yaml(const Comments& comments) {
  json names = {{"kind", "OtlpPipeline"},     {"listKind", "OtlpPipelineList"}, {"plural", "otlppipelines"},
                {"singular", "otlppipeline"}, {"shortNames", {"otlpp"}},        {"categories", {"otlpipe"}}};
  json crd = {{"apiVersion", "apiextensions.k8s.io/v1"}, {"kind", "CustomResourceDefinition"}};
  crd["metadata"] = {{"name", "otlppipelines.otlpipe.io"}};
  crd["spec"] = {{"group", "otlpipe.io"}, {"scope", "Namespaced"}, {"names", std::move(names)}};
  crd["spec"]["versions"] = json::array({version(comments)});
  return "# Made from proto/otlpipe/v1alpha1 by `make generate`; changes belong there.\n" + to_yaml(crd);
}

}  // namespace otlpipe::gen
