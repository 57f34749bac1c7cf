#include "operator/render/config_map.h"

#include "operator/kube/resources.h"
#include "operator/render/meta.h"

namespace otlpipe::render {
namespace {

Child with_content(std::string name, const Pipeline& pipeline, const Configuration& configuration,
                   const Release& release) {
  Child child{kube::config_maps(), new_child(kube::config_maps(), std::move(name), pipeline, release)};
  child.object["metadata"]["annotations"][std::string(kConfigHashAnnotation)] = configuration.hash;
  child.object["data"][std::string(kConfigFile)] = configuration.json;
  return child;
}

}  // namespace

Child config_map(const Pipeline& pipeline, const Configuration& configuration, const Release& release) {
  Child child = with_content(config_map_name(pipeline.name), pipeline, configuration, release);
  child.object["data"][std::string(kControlCaFile)] = release.control_ca_pem;
  return child;
}

Child config_history(const Pipeline& pipeline, const Configuration& configuration, const Release& release) {
  Child child =
      with_content(history_name(pipeline.name, configuration.hash), pipeline, configuration, release);
  child.object["immutable"] = true;
  return child;
}

}  // namespace otlpipe::render
