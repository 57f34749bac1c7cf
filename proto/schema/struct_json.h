#pragma once

#include <nlohmann/json_fwd.hpp>

namespace google::protobuf {
class Struct;
}

namespace otlpipe::schema {

// JSON objects that are handed through as google.protobuf.Struct. Whole numbers below 2^53 come back as whole
// numbers. Internal to proto/. `to_struct` is false when the object is nested too deeply.
bool to_struct(const nlohmann::json& in, google::protobuf::Struct& out);
nlohmann::json from_struct(const google::protobuf::Struct& in);

}  // namespace otlpipe::schema
