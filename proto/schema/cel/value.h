#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/schema/quantity.h"

namespace otlpipe::schema::cel {

struct Value;
using List = std::vector<Value>;
using Map = std::map<std::string, Value, std::less<>>;

// A value of the expression language. Immutable once made and cheap to copy: lists and maps are shared.
struct Value {
  using Data = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, std::chrono::nanoseconds,
                            Quantity, std::shared_ptr<const List>, std::shared_ptr<const Map>>;
  Data data = nullptr;

  static Value list(List items) { return {std::make_shared<const List>(std::move(items))}; }
  static Value map(Map fields) { return {std::make_shared<const Map>(std::move(fields))}; }

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
  const List* as_list() const {
    const auto* shared = std::get_if<std::shared_ptr<const List>>(&data);
    return shared ? shared->get() : nullptr;
  }
  const Map* as_map() const {
    const auto* shared = std::get_if<std::shared_ptr<const Map>>(&data);
    return shared ? shared->get() : nullptr;
  }
  std::string_view type_name() const;
};

// Deep equality; numbers compare across int and double.
bool equal(const Value& a, const Value& b);

}  // namespace otlpipe::schema::cel
