#include "cli/validate.h"

#include <cstdio>

#include "cli/exit_code.h"
#include "cli/input.h"

namespace otlpipe::cli {

int validate(const ValidateOptions& options) {
  Input input;
  for (const std::string& file : options.files) {
    const std::string shown = file == "-" ? "<stdin>" : file;
    const auto text = read_text(file);
    if (!text) {
      std::fprintf(stderr, "%s\n", text.error().to_string().c_str());
      return kEnvironmentFailed;
    }
    read_documents(*text, shown, input);
  }
  if (input.pipelines.empty() && input.errors.empty()) {
    const bool one = options.files.size() == 1;
    input.errors.push_back((options.files[0] == "-" ? "<stdin>" : options.files[0]) +
                           ":1: there is no OtlpPipeline in " +
                           (one ? "this file" : "this file and the others"));
  }
  for (const std::string& note : input.notes) std::fprintf(stderr, "%s\n", note.c_str());
  for (const std::string& error : input.errors) std::fprintf(stderr, "%s\n", error.c_str());
  for (const PipelineInput& pipeline : input.pipelines) {
    const std::string name_space = pipeline.name_space();
    std::printf("%s: OtlpPipeline %s is valid\n", pipeline.file.c_str(),
                ((name_space.empty() ? "" : name_space + "/") + pipeline.name()).c_str());
  }
  return input.errors.empty() ? kDone : kWrongInput;
}

}  // namespace otlpipe::cli
