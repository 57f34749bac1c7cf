#include "proto/schema/cel/lexer.h"

#include <array>
#include <charconv>

namespace otlpipe::schema::cel {
namespace {

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}

tl::unexpected<Error> refuse(std::size_t at, const std::string& what) {
  return fail(Code::kInvalidArgument, what + " at offset " + std::to_string(at));
}

// The text between quotes, with its escapes; `at` stands on the opening quote and ends behind the closing
// one.
Result<std::string> quoted(std::string_view text, std::size_t& at) {
  const char quote = text[at];
  const std::size_t start = at++;
  std::string out;
  while (at < text.size() && text[at] != quote) {
    char c = text[at++];
    if (c == '\\') {
      if (at == text.size()) break;
      switch (text[at++]) {
        case 'n':
          c = '\n';
          break;
        case 't':
          c = '\t';
          break;
        case '\\':
          c = '\\';
          break;
        case '\'':
          c = '\'';
          break;
        case '"':
          c = '"';
          break;
        default:
          return refuse(at - 1, "an escape that is not known");
      }
    }
    out += c;
  }
  if (at == text.size()) return refuse(start, "text that is never closed");
  ++at;
  return out;
}

Result<Value> number(std::string_view text, std::size_t& at) {
  const char* const begin = text.data() + at;
  const char* const limit = text.data() + text.size();
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(begin, limit, whole);
  if (end != limit && (*end == '.' || *end == 'e' || *end == 'E')) {
    double real = 0;
    const auto [real_end, real_error] = std::from_chars(begin, limit, real);
    if (real_error != std::errc()) return refuse(at, "a number out of range");
    at = static_cast<std::size_t>(real_end - text.data());
    return Value{real};
  }
  if (error != std::errc()) return refuse(at, "a number out of range");
  at = static_cast<std::size_t>(end - text.data());
  return Value{whole};
}

std::string_view symbol(std::string_view rest) {
  static constexpr std::array<std::string_view, 24> kSymbols = {"&&", "||", "==", "!=", "<=", ">=", "<", ">",
                                                                "!",  "+",  "-",  "*",  "/",  "%",  "?", ":",
                                                                "(",  ")",  "[",  "]",  ".",  ",",  "{", "}"};
  for (const std::string_view s : kSymbols) {
    if (rest.starts_with(s)) return s;
  }
  return {};
}

}  // namespace

Result<std::vector<Token>> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    Token token{Token::Kind::kSymbol, {}, {}, at};
    if (c == ' ' || c == '\n' || c == '\t') {
      ++at;
      continue;
    }
    if (letter(c)) {
      token.kind = Token::Kind::kName;
      while (at < text.size() && (letter(text[at]) || digit(text[at]))) token.text += text[at++];
      if (token.text == "true" || token.text == "false" || token.text == "null") {
        token.kind = Token::Kind::kLiteral;
        if (token.text != "null") token.value = Value{token.text == "true"};
      }
    } else if (digit(c)) {
      auto value = number(text, at);
      if (!value) return tl::unexpected(value.error());
      token.kind = Token::Kind::kLiteral;
      token.value = std::move(*value);
    } else if (c == '\'' || c == '"') {
      auto value = quoted(text, at);
      if (!value) return tl::unexpected(value.error());
      token.kind = Token::Kind::kLiteral;
      token.value = Value{std::move(*value)};
    } else {
      token.text = symbol(text.substr(at));
      if (token.text.empty()) return refuse(at, std::string("a character that is not known: ") + c);
      at += token.text.size();
    }
    tokens.push_back(std::move(token));
  }
  tokens.push_back({Token::Kind::kEnd, {}, {}, at});
  return tokens;
}

}  // namespace otlpipe::schema::cel
