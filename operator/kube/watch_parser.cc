#include "operator/kube/watch_parser.h"

#include <nlohmann/json.hpp>

#include "operator/kube/json_text.h"
#include "operator/kube/status.h"

namespace otlpipe::kube {

using Json = nlohmann::json;

Status WatchParser::feed(std::string_view bytes, const WatchCallback& on_event) {
  while (!bytes.empty()) {
    const auto newline = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, newline);
    if (partial_.size() + piece.size() > max_event_bytes_) {
      return fail(Code::kDataLoss,
                  "a watch event is larger than " + std::to_string(max_event_bytes_) + " bytes", where_,
                  Retry::backoff());
    }
    if (newline == std::string_view::npos) {
      partial_.append(piece);
      return {};
    }
    bytes.remove_prefix(newline + 1);
    Status done;
    if (partial_.empty()) {
      done = line(piece, on_event);
    } else {
      partial_.append(piece);
      done = line(partial_, on_event);
      partial_.clear();
    }
    if (!done) return done;
  }
  return {};
}

Status WatchParser::finish() const {
  if (partial_.find_first_not_of(" \t\r") == std::string::npos) return {};
  return fail(Code::kDataLoss, "the watch ended in the middle of an event", where_, Retry::backoff());
}

Status WatchParser::line(std::string_view text, const WatchCallback& on_event) const {
  if (text.find_first_not_of(" \t\r") == std::string_view::npos) return {};
  auto event = parse_wire_json(text, where_);
  if (!event) return fail(std::move(event.error()));
  const std::string type(find_string(*event, "type"));
  const auto object = event->is_object() ? event->find("object") : event->end();
  if (!event->is_object() || object == event->end() || !object->is_object()) {
    return fail(Code::kDataLoss, "not a watch event: " + one_line(text, 100), where_, Retry::backoff());
  }
  if (type == "ERROR") return fail(error_from_status(*object, where_));
  if (type == "ADDED") {
    on_event(WatchEventType::kAdded, std::move(*object));
  } else if (type == "MODIFIED") {
    on_event(WatchEventType::kModified, std::move(*object));
  } else if (type == "DELETED") {
    on_event(WatchEventType::kDeleted, std::move(*object));
  } else if (type == "BOOKMARK") {
    on_event(WatchEventType::kBookmark, std::move(*object));
  } else {
    return fail(Code::kDataLoss, "unknown watch event type: " + one_line(type, 40), where_, Retry::backoff());
  }
  return {};
}

}  // namespace otlpipe::kube
