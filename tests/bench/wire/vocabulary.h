#pragma once

// What the made-up telemetry of the three signals has in common: who sent it, and the words that its records
// use.

#include <cstdint>
#include <string>
#include <string_view>

#include "opentelemetry/proto/common/v1/common.pb.h"
#include "opentelemetry/proto/resource/v1/resource.pb.h"
#include "tests/bench/wire/dice.h"

namespace otlpipe::bench {

using Attributes = google::protobuf::RepeatedPtrField<opentelemetry::proto::common::v1::KeyValue>;

void add_text(Attributes& to, std::string_view key, std::string_view value);
void add_number(Attributes& to, std::string_view key, std::int64_t value);

// A point in time, in nanoseconds since 1970, that grows slowly with `step`.
std::uint64_t time_of(std::uint64_t step, Dice& dice);
// One of the services of a shop, on one of its pods.
void fill_resource(opentelemetry::proto::resource::v1::Resource& resource, Dice& dice);
void fill_scope(opentelemetry::proto::common::v1::InstrumentationScope& scope, Dice& dice);

std::string_view http_method(Dice& dice);
std::string_view http_route(Dice& dice);
// The route with numbers in the place of its parameter.
std::string http_target(std::string_view route, Dice& dice);
std::int64_t http_status(Dice& dice);
std::string_view user_agent(Dice& dice);
std::string sql_statement(Dice& dice);
std::string client_address(Dice& dice);

// How many of `records` go into part `part` of `parts`: even, and exactly `records` in all.
constexpr std::size_t share(std::size_t records, std::size_t part, std::size_t parts) {
  return records * (part + 1) / parts - records * part / parts;
}
// A service's request carries one resource, a gateway's some.
constexpr std::size_t resources_of(std::size_t records) {
  return records < 50 ? 1 : records < 500 ? 2 : 5;
}

}  // namespace otlpipe::bench
