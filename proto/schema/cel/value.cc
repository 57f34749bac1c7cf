#include "proto/schema/cel/value.h"

#include <algorithm>
#include <array>

namespace otlpipe::schema::cel {

std::string_view Value::type_name() const {
  static constexpr std::array<std::string_view, 9> kNames = {
      "null", "bool", "int", "double", "string", "duration", "quantity", "list", "map"};
  return kNames.at(data.index());
}

bool equal(const Value& a, const Value& b) {
  const auto* a_int = a.as<std::int64_t>();
  const auto* b_int = b.as<std::int64_t>();
  if (a_int && b.as<double>()) return static_cast<double>(*a_int) == *b.as<double>();
  if (b_int && a.as<double>()) return static_cast<double>(*b_int) == *a.as<double>();
  if (a.data.index() != b.data.index()) return false;
  if (const List* list = a.as_list()) {
    return std::equal(list->begin(), list->end(), b.as_list()->begin(), b.as_list()->end(), equal);
  }
  if (const Map* map = a.as_map()) {
    return std::equal(
        map->begin(), map->end(), b.as_map()->begin(), b.as_map()->end(),
        [](const auto& x, const auto& y) { return x.first == y.first && equal(x.second, y.second); });
  }
  return a.data == b.data;
}

}  // namespace otlpipe::schema::cel
