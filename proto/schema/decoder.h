#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/message.h>
#include <nlohmann/json.hpp>

#include "common/doc/path.h"
#include "proto/schema/descriptors.h"
#include "proto/schema/field_error.h"

namespace otlpipe::schema {

// One run of `decode`: walks JSON and descriptor side by side. Internal; decode.h is the door.
class Decoder {
 public:
  using Message = google::protobuf::Message;
  using Field = google::protobuf::FieldDescriptor;
  using json = nlohmann::json;

  void message(const json& in, Message& out, const std::string& path);
  FieldErrors take() { return std::move(errors_); }

 private:
  // The messages around what is being read, outermost first.
  struct Frame {
    const google::protobuf::Descriptor* type;
    const json* value;
    std::string path;
  };

  void error(const std::string& path, const std::string& message) {
    errors_.push_back({doc::printable(path), doc::printable(message)});
  }
  // An error after which the value has no meaning, so that rules over it would only add noise.
  void broken(const std::string& path, const std::string& message) {
    ++broken_;
    error(path, message);
  }

  void unknown_fields(const json& in, const google::protobuf::Descriptor& type, const std::string& path);
  void oneofs(const json& in, const google::protobuf::Descriptor& type, const std::string& path);
  void rules(const Message& message, const std::string& path);
  void field(const json& in, const Field& field, Message& out, const std::string& path);
  void list(const json& in, const Field& field, Message& out, const std::string& path);
  void list_item(const json& in, const Field& field, Message& out, const std::string& path);
  void unique_items(const json& in, const Field& field, const std::string& path);
  void map(const json& in, const Field& field, Message& out, const std::string& path);
  void message_item(const json& in, const Field& field, Message& out, const std::string& path);

  // Single values: false when there is none; one that breaks a bound or a form is an error but still given,
  // so that rules see what was written. `field` says the rules; for a map it is the map field.
  bool text(const json& in, const Field& field, const std::string& path, std::string& out);
  void text_allowed(const std::string& value, const Field& field, const std::string& path);
  bool integer(const json& in, const Field& field, const std::string& path, std::int64_t& out);
  bool number(const json& in, const Field& field, const std::string& path, double& out);
  bool quantity(const json& in, const Field& field, const std::string& path, std::int64_t& out);
  bool duration(const json& in, const Field& field, const std::string& path, std::int64_t& nanos);
  bool enumeration(const json& in, const Field& field, const std::string& path, int& out);
  void reference(const std::string& name, const Field& field, const std::string& path);

  FieldErrors errors_;
  int broken_ = 0;
  std::vector<Frame> frames_;
};

// "a list" for [1]: how messages call a JSON value's type.
std::string_view name_of_type(const nlohmann::json& value);

}  // namespace otlpipe::schema
