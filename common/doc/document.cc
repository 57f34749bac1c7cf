#include "common/doc/document.h"

#include <nlohmann/json.hpp>

#include "common/doc/line_tree.h"
#include "common/doc/path.h"

namespace otlpipe::doc {

Document::Document(std::shared_ptr<const nlohmann::json> root, std::shared_ptr<const LineTree> lines)
    : root_(std::move(root)), lines_(std::move(lines)) {}

int Document::line_of(std::string_view path) const {
  const LineTree* at = lines_.get();
  for (const Step& step : split_path(path)) {
    if (const auto* key = std::get_if<std::string>(&step)) {
      const auto found = at->fields.find(*key);
      if (found == at->fields.end()) break;
      at = &found->second;
    } else {
      const std::size_t index = std::get<std::size_t>(step);
      if (index >= at->items.size()) break;
      at = &at->items[index];
    }
  }
  return at->line;
}

}  // namespace otlpipe::doc
