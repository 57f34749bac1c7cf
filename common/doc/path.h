#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace otlpipe::doc {

// How fields are named in messages: "spec.exporters[0].otlpGrpc.headers.x-tenant", and
// "metadata.labels["a/b"]" for keys that hold other characters than letters, digits, '_' and '-'. The empty
// path is the document itself.
std::string path_of_key(std::string_view parent, std::string_view key);
std::string path_of_index(std::string_view parent, std::size_t index);

// The steps of such a path. What is malformed ends the list early: a path is for people, not a query
// language.
using Step = std::variant<std::string, std::size_t>;
std::vector<Step> split_path(std::string_view path);

// The text on one line: control characters as \n, \r, \t or \xNN. What a message quotes may hold anything.
std::string printable(std::string_view text);

}  // namespace otlpipe::doc
