#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "otlpipe/schema/v1/options.pb.h"

namespace otlpipe::schema {

// What the descriptors of the schema say, in the terms of its JSON. Internal to proto/.

// How one value of a field (one item of a list, one value of a map) is written in JSON.
enum class JsonKind { kBool, kInteger, kNumber, kText, kEnum, kDuration, kQuantity, kStruct, kMessage };

const v1::FieldRules& rules_of(const google::protobuf::FieldDescriptor& field);
const v1::MessageRules& rules_of(const google::protobuf::Descriptor& message);
const v1::EnumValueRules& rules_of(const google::protobuf::EnumValueDescriptor& value);

// For a map field: of its values.
JsonKind json_kind(const google::protobuf::FieldDescriptor& field);
// The field itself, or for a map the field of its values.
const google::protobuf::FieldDescriptor& value_field(const google::protobuf::FieldDescriptor& field);

// Whether values of this field may hold references to the environment.
bool may_refer_to_environment(const google::protobuf::FieldDescriptor& field);

// The word of an enum value in JSON: "DropOldest" for OVERFLOW_DROP_OLDEST, or what its option says.
std::string word_of(const google::protobuf::EnumValueDescriptor& value);
// The value of a word; null when there is none. The unspecified value (0) has no word.
const google::protobuf::EnumValueDescriptor* value_of_word(const google::protobuf::EnumDescriptor& type,
                                                           std::string_view word);
// All words in the order of the declaration; without those that are not supported yet unless `all`.
std::vector<std::string> words_of(const google::protobuf::EnumDescriptor& type, bool all);

// The default of a field as JSON text: an option for text is bare there and quoted here.
std::string default_json(const google::protobuf::FieldDescriptor& field);

const google::protobuf::FieldDescriptor* field_by_json_name(const google::protobuf::Descriptor& message,
                                                            std::string_view name);

// "a, b, c"
std::string join(const std::vector<std::string>& words);

}  // namespace otlpipe::schema
