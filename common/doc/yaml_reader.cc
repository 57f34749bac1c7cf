#include <istream>
#include <map>
#include <stdexcept>
#include <streambuf>
#include <utility>

#include <nlohmann/json.hpp>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "common/doc/line_tree.h"
#include "common/doc/path.h"
#include "common/doc/reader.h"
#include "common/doc/scalar.h"

namespace otlpipe::doc {
namespace {

using nlohmann::json;

// A stream over text that is not copied.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* const begin = const_cast<char*>(text.data());  // never written: there is no put area
    setg(begin, begin, begin + text.size());
  }
};

// Leaves yaml-cpp's parser from inside a callback.
struct Refused {
  YAML::Mark mark;
  std::string message;
};

struct Value {
  json value;
  LineTree lines;
};

// yaml-cpp 0.7 does not step over a token that no document can begin with (a stray ","), and would give empty
// documents for ever.
void check_progress(int& last, const YAML::Mark& mark) {
  if (mark.pos == last) throw Refused{mark, "something that no document can begin with"};
  last = mark.pos;
}

std::size_t cost_of(const json& value) {
  std::size_t cost = 1;
  if (value.is_string()) cost += value.get_ref<const std::string&>().size();
  if (value.is_array()) {
    for (const json& item : value) cost += cost_of(item);
  }
  if (value.is_object()) {
    for (const auto& [key, item] : value.items()) cost += key.size() + cost_of(item);
  }
  return cost;
}

// Builds the value of one document from yaml-cpp's events.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(int& last_start) : last_start_(last_start) {}

  void OnDocumentStart(const YAML::Mark& mark) override { check_progress(last_start_, mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, anchor, {nullptr, {}}, false);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    auto value = resolve_scalar(tag == "?" ? "" : tag, text);
    if (!value) throw Refused{mark, value.error().message};
    add(mark, anchor, {std::move(*value), {}}, tag == "?" && text == "<<");
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{mark, "an alias must not lie inside of what it stands for"};
    alias_cost_ += cost_of(found->second);
    if (alias_cost_ > kMaxAliasCost) throw Refused{mark, "the aliases of this file repeat too much"};
    add(mark, 0, {found->second, {}}, false);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, "seq", anchor, json::array());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, "map", anchor, json::object());
  }
  void OnMapEnd() override { close(); }

  bool has_value() const { return done_; }
  Value take() { return std::move(result_); }

 private:
  struct Frame {
    Value node;
    YAML::Mark mark;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    bool merge = false;
    std::string key = {};
    int key_line = 0;
    std::vector<json> merged = {};
  };

  void open(const YAML::Mark& mark, const std::string& tag, const std::string& kind, YAML::anchor_t anchor,
            json empty) {
    if (tag != "?" && tag != "!" && !tag.empty() && tag != "tag:yaml.org,2002:" + kind) {
      throw Refused{mark, "the tag " + tag + " is not known"};
    }
    if (frames_.size() >= kMaxDepth)
      throw Refused{mark, "nested deeper than " + std::to_string(kMaxDepth) + " levels"};
    if (!frames_.empty() && frames_.back().node.value.is_object() && !frames_.back().has_key) {
      throw Refused{mark, "a key must be text, not a list or a map"};
    }
    frames_.push_back({{std::move(empty), {mark.line + 1}}, mark, anchor});
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    for (const json& other : frame.merged) {
      for (const auto& [key, item] : other.items()) frame.node.value.emplace(key, item);
    }
    add(frame.mark, frame.anchor, std::move(frame.node), false);
  }

  void add(const YAML::Mark& mark, YAML::anchor_t anchor, Value node, bool merge_key) {
    node.lines.line = mark.line + 1;
    if (anchor != 0) anchors_[anchor] = node.value;
    if (frames_.empty()) {
      result_ = std::move(node);
      done_ = true;
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.value.is_array()) {
      frame.node.value.push_back(std::move(node.value));
      frame.node.lines.items.push_back(std::move(node.lines));
    } else if (!frame.has_key) {
      take_key(frame, mark, node.value, merge_key);
    } else {
      put(frame, mark, std::move(node));
    }
  }

  static void take_key(Frame& frame, const YAML::Mark& mark, const json& key, bool merge_key) {
    if (key.is_string()) {
      frame.key = key.get<std::string>();
    } else if (key.is_boolean() || key.is_number()) {
      frame.key = key.dump();  // as kubectl does: {1: a} is {"1": "a"}
    } else {
      throw Refused{mark, "a key must be text"};
    }
    if (!merge_key && frame.node.value.contains(frame.key)) {
      throw Refused{mark, "the key \"" + frame.key + "\" is already set on line " +
                              std::to_string(frame.node.lines.fields[frame.key].line)};
    }
    frame.has_key = true;
    frame.merge = merge_key;
    frame.key_line = mark.line + 1;
  }

  static void put(Frame& frame, const YAML::Mark& mark, Value node) {
    frame.has_key = false;
    if (!frame.merge) {
      node.lines.line = frame.key_line;
      frame.node.lines.fields[frame.key] = std::move(node.lines);
      frame.node.value[frame.key] = std::move(node.value);
      return;
    }
    if (!node.value.is_array()) node.value = json::array({std::move(node.value)});
    for (json& item : node.value) {
      if (!item.is_object()) throw Refused{mark, "<< merges a map or a list of maps"};
      frame.merged.push_back(std::move(item));
    }
  }

  int& last_start_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, json> anchors_;
  std::size_t alias_cost_ = 0;
  Value result_;
  bool done_ = false;
};

class Ignore : public YAML::EventHandler {
  int last_start_ = -1;

  void OnDocumentStart(const YAML::Mark& mark) override { check_progress(last_start_, mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

// yaml-cpp 0.7 takes a quote that is never closed for closed when a line break ends the text; without the
// break it throws.
void check_quotes_are_closed(std::string_view text) {
  if (!text.ends_with('\n') || text.find_first_of("\"'") == std::string_view::npos) return;
  ViewBuffer buffer(text.substr(0, text.find_last_not_of(" \t\r\n") + 1));
  std::istream stream(&buffer);
  YAML::Parser parser(stream);
  Ignore ignore;
  while (parser.HandleNextDocument(ignore)) {
  }
}

tl::unexpected<Error> refuse(std::string_view name, const YAML::Mark& mark, const std::string& message) {
  std::string where(name);
  if (!mark.is_null()) where += ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
  return fail(Code::kInvalidArgument, printable(message), where);
}

}  // namespace

Result<std::vector<Document>> parse_yaml(std::string_view text, std::string_view name) {
  if (text.size() > kMaxTextBytes) {
    return fail(Code::kInvalidArgument, "is larger than " + std::to_string(kMaxTextBytes) + " bytes",
                std::string(name));
  }
  std::vector<Document> documents;
  try {
    check_quotes_are_closed(text);
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    int last_start = -1;
    while (true) {
      Builder builder(last_start);
      if (!parser.HandleNextDocument(builder)) break;
      if (!builder.has_value()) continue;
      Value value = builder.take();
      if (value.value.is_null()) continue;
      documents.emplace_back(std::make_shared<const json>(std::move(value.value)),
                             std::make_shared<const LineTree>(std::move(value.lines)));
    }
  } catch (const Refused& refused) {
    return refuse(name, refused.mark, refused.message);
  } catch (const YAML::Exception& error) {
    return refuse(name, error.mark, error.msg);
  } catch (const std::exception& error) {
    return fail(Code::kInvalidArgument, std::string("is not YAML: ") + error.what(), std::string(name));
  }
  return documents;
}

}  // namespace otlpipe::doc
