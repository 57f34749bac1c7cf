// otlpipe-gen DESCRIPTOR_SET ROOT [--check]: writes the generated files below ROOT, or with --check says
// which are stale.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "otlpipe/v1alpha1/pipeline.pb.h"
#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "proto/gen/comments.h"
#include "proto/gen/crd.h"
#include "proto/gen/reference_page.h"

namespace {

using otlpipe::gen::Comments;
using Files = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kPipelineIntro =
    "The resource `otlpipe.io/v1alpha1` `OtlpPipeline`, short name `otlpp`. Durations are written like "
    "`100ms` or `1m30s`, "
    "quantities like `64Mi`. Text that workers read may refer to their environment with `${env:NAME}` or "
    "`${env:NAME:-default}`, which is resolved when a worker starts.";
constexpr const char* kWorkerIntro =
    "What `otlpipe-worker --config FILE` reads, as JSON: the data-plane part of an "
    "[OtlpPipeline](otlppipeline.md), resolved. "
    "The operator and `otlpipe run` write it; there is no need to do so by hand.";

Files generate(const Comments& comments) {
  return {{"crds/otlppipelines.yaml", otlpipe::gen::crd_yaml(comments)},
          {"docs/reference/otlppipeline.md",
           otlpipe::gen::reference_page(*otlpipe::v1alpha1::OtlpPipeline::descriptor(), "OtlpPipeline",
                                        kPipelineIntro, comments)},
          {"docs/reference/worker-config.md",
           otlpipe::gen::reference_page(*otlpipe::v1alpha1::WorkerConfig::descriptor(),
                                        "The worker's configuration", kWorkerIntro, comments)}};
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  const bool check = args.size() == 3 && args[2] == "--check";
  if (args.size() != 2 && !check) {
    std::fprintf(stderr, "usage: otlpipe-gen DESCRIPTOR_SET ROOT [--check]\n");
    return 2;
  }
  const auto comments = Comments::read(args[0]);
  if (!comments) {
    std::fprintf(stderr, "%s\n", comments.error().to_string().c_str());
    return 3;
  }
  int stale = 0;
  for (const auto& [name, text] : generate(*comments)) {
    const std::string path = args[1] + "/" + name;
    if (read(path) == text) continue;
    if (check) {
      ++stale;
      std::fprintf(stderr, "%s is stale, run `make generate`\n", name.c_str());
    } else if (!(std::ofstream(path, std::ios::binary) << text)) {
      std::fprintf(stderr, "%s cannot be written\n", path.c_str());
      return 3;
    }
  }
  return stale > 0 ? 1 : 0;
}
