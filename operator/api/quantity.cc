#include "operator/api/quantity.h"

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace otlpipe::api {
namespace {

std::optional<double> factor_of(std::string_view suffix) {
  static const std::map<std::string_view, double> kFactors = {
      {"", 1},        {"m", 1e-3},    {"k", 1e3},     {"M", 1e6},     {"G", 1e9},
      {"T", 1e12},    {"P", 1e15},    {"E", 1e18},    {"Ki", 1024.0}, {"Mi", 1048576.0},
      {"Gi", 0x1p30}, {"Ti", 0x1p40}, {"Pi", 0x1p50}, {"Ei", 0x1p60},
  };
  const auto found = kFactors.find(suffix);
  return found == kFactors.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::optional<double> quantity_value(const nlohmann::json& quantity) {
  if (quantity.is_number()) {
    return quantity.get<double>();
  }
  if (!quantity.is_string()) {
    return std::nullopt;
  }
  const auto& text = quantity.get_ref<const std::string&>();
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (end == text.c_str()) {
    return std::nullopt;
  }
  const auto factor = factor_of(end);
  return factor ? std::optional(number * *factor) : std::nullopt;
}

}  // namespace otlpipe::api
