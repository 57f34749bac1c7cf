#include "worker/exporters/otlp_json.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "worker/exporters/otlp_messages.h"

namespace otlpipe::worker::exporters {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void append_text(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      out += escaped;
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void append_hex(std::string& out, std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  out.push_back('"');
  for (const char c : bytes) {
    out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
  out.push_back('"');
}

void append_base64(std::string& out, std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  out.push_back('"');
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 4; ++k) out.push_back(k <= have ? kDigits[group >> (18 - 6 * k) & 63] : '=');
  }
  out.push_back('"');
}

void append_double(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "\"NaN\"";
  } else if (std::isinf(value)) {
    out += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    out.append(text, end);
  }
}

template <typename T>
void append_quoted_number(std::string& out, T value) {
  out += '"' + std::to_string(value) + '"';
}

bool is_id(const FieldDescriptor& field) {
  return field.name() == "trace_id" || field.name() == "span_id" || field.name() == "parent_span_id";
}

void append_message(std::string& out, const Message& message);

// One value of a field; `index` counts in a repeated one.
void append_value(std::string& out, const Message& m, const FieldDescriptor& f, int index) {
  const Reflection& r = *m.GetReflection();
  const bool many = f.is_repeated();
  std::string scratch;
  switch (f.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      out += std::to_string(many ? r.GetRepeatedInt32(m, &f, index) : r.GetInt32(m, &f));
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      out += std::to_string(many ? r.GetRepeatedUInt32(m, &f, index) : r.GetUInt32(m, &f));
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      return append_quoted_number(out, many ? r.GetRepeatedInt64(m, &f, index) : r.GetInt64(m, &f));
    case FieldDescriptor::CPPTYPE_UINT64:
      return append_quoted_number(out, many ? r.GetRepeatedUInt64(m, &f, index) : r.GetUInt64(m, &f));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return append_double(out, many ? r.GetRepeatedDouble(m, &f, index) : r.GetDouble(m, &f));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return append_double(out,
                           static_cast<double>(many ? r.GetRepeatedFloat(m, &f, index) : r.GetFloat(m, &f)));
    case FieldDescriptor::CPPTYPE_BOOL:
      out += (many ? r.GetRepeatedBool(m, &f, index) : r.GetBool(m, &f)) ? "true" : "false";
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      out += std::to_string(many ? r.GetRepeatedEnumValue(m, &f, index) : r.GetEnumValue(m, &f));
      return;
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string& text =
          many ? r.GetRepeatedStringReference(m, &f, index, &scratch) : r.GetStringReference(m, &f, &scratch);
      if (f.type() == FieldDescriptor::TYPE_STRING) return append_text(out, text);
      return is_id(f) ? append_hex(out, text) : append_base64(out, text);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return append_message(out, many ? r.GetRepeatedMessage(m, &f, index) : r.GetMessage(m, &f));
  }
}

// Fields that are not set (or, without presence, have their default) are left out, as proto3 JSON has it.
void append_message(std::string& out, const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  out.push_back('{');
  bool first = true;
  for (const FieldDescriptor* field : fields) {
    if (!first) out.push_back(',');
    first = false;
    append_text(out, field->json_name());
    out.push_back(':');
    if (!field->is_repeated()) {
      append_value(out, message, *field, 0);
      continue;
    }
    out.push_back('[');
    const int count = message.GetReflection()->FieldSize(message, field);
    for (int i = 0; i < count; ++i) {
      if (i > 0) out.push_back(',');
      append_value(out, message, *field, i);
    }
    out.push_back(']');
  }
  out.push_back('}');
}

}  // namespace

Result<std::string> to_otlp_json(const data::Batch& batch) {
  auto message = parse_otlp(batch);
  if (!message) return fail(std::move(message.error()));
  std::string out;
  out.reserve(batch.bytes() * 2);
  append_message(out, **message);
  return out;
}

}  // namespace otlpipe::worker::exporters
