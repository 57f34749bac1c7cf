#pragma once

#include <nlohmann/json_fwd.hpp>

namespace google::protobuf {
class Message;
}

namespace otlpipe::schema {

// The JSON of a message of the schema, in the words of the Kubernetes API: "100ms", "64Mi", "DropOldest".
// Deterministic: equal messages give equal text. decode(encode(m)) gives m again for every valid m. Thread
// safe.
nlohmann::json encode(const google::protobuf::Message& message);

}  // namespace otlpipe::schema
