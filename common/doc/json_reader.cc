#include <iterator>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/doc/line_tree.h"
#include "common/doc/path.h"
#include "common/doc/reader.h"

namespace otlpipe::doc {
namespace {

using nlohmann::json;

// Counts lines while nlohmann's lexer reads; the lexer is at most one character ahead of the value it
// reports.
struct CountingIterator {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at = nullptr;
  int* line = nullptr;

  reference operator*() const { return *at; }
  CountingIterator& operator++() {
    if (*at == '\n') ++*line;
    ++at;
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at == other.at; }
  bool operator!=(const CountingIterator& other) const { return at != other.at; }
};

class Sax : public nlohmann::json_sax<json> {
 public:
  explicit Sax(const int& line) : line_(line) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override {
    // As the YAML reader does: one type for what both can hold, so that equal texts give equal values.
    if (value <= static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      return add(static_cast<std::int64_t>(value));
    }
    return add(value);
  }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& key) override {
    Frame& frame = frames_.back();
    if (frame.value.contains(key)) {
      return refuse("the key \"" + key + "\" is already set on line " +
                    std::to_string(frame.lines.fields[key].line));
    }
    frame.key = std::move(key);
    frame.key_line = line_;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const json::exception& error) override {
    position_ = position;
    const std::string what = error.what();
    const std::size_t cut = what.find(": ");
    message_ = cut == std::string::npos ? what : what.substr(cut + 2);
    return false;
  }

  std::string message_;
  std::size_t position_ = 0;  // counted from 1; 0: only the line is known
  json root_;
  LineTree lines_;

 private:
  struct Frame {
    json value;
    LineTree lines;
    std::string key = {};
    int key_line = 0;
  };

  bool refuse(std::string message) {
    message_ = std::move(message);
    return false;
  }

  bool open(json empty) {
    if (frames_.size() >= kMaxDepth)
      return refuse("nested deeper than " + std::to_string(kMaxDepth) + " levels");
    frames_.push_back({std::move(empty), {line_}});
    return true;
  }

  bool close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    return add(std::move(frame.value), std::move(frame.lines));
  }

  bool add(json value) { return add(std::move(value), {line_}); }

  bool add(json value, LineTree lines) {
    if (frames_.empty()) {
      root_ = std::move(value);
      lines_ = std::move(lines);
      return true;
    }
    Frame& parent = frames_.back();
    if (parent.value.is_array()) {
      parent.value.push_back(std::move(value));
      parent.lines.items.push_back(std::move(lines));
    } else {
      lines.line = parent.key_line;
      parent.lines.fields[parent.key] = std::move(lines);
      parent.value[parent.key] = std::move(value);
    }
    return true;
  }

  const int& line_;
  std::vector<Frame> frames_;
};

}  // namespace

Result<Document> parse_json(std::string_view text, std::string_view name) {
  if (text.size() > kMaxTextBytes) {
    return fail(Code::kInvalidArgument, "is larger than " + std::to_string(kMaxTextBytes) + " bytes",
                std::string(name));
  }
  int line = 1;
  Sax sax(line);
  const CountingIterator begin{text.data(), &line};
  const CountingIterator end{text.data() + text.size(), &line};
  if (!json::sax_parse(begin, end, &sax)) {
    std::string where = std::string(name) + ":" + std::to_string(line);
    if (sax.position_ > 0) {
      const std::string_view before = text.substr(0, std::min(sax.position_ - 1, text.size()));
      const std::size_t newline = before.rfind('\n');
      const auto row = 1 + std::count(before.begin(), before.end(), '\n');
      where = std::string(name) + ":" + std::to_string(row) + ":" +
              std::to_string(newline == std::string_view::npos ? before.size() + 1 : before.size() - newline);
    }
    return fail(Code::kInvalidArgument, printable(sax.message_), where);
  }
  return Document(std::make_shared<const json>(std::move(sax.root_)),
                  std::make_shared<const LineTree>(std::move(sax.lines_)));
}

}  // namespace otlpipe::doc
