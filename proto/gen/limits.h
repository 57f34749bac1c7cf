#pragma once

#include <string>

namespace google::protobuf {
class FieldDescriptor;
}

namespace otlpipe::gen {

// What the schema allows for a field beyond its type, as sentences that each begin with a blank: bounds,
// lengths, forms.
std::string limits(const google::protobuf::FieldDescriptor& field);

}  // namespace otlpipe::gen
