#include "proto/schema/environment.h"

#include <google/protobuf/message.h>

#include "common/doc/path.h"
#include "proto/schema/decode.h"
#include "proto/schema/descriptors.h"

namespace otlpipe::schema {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::string_view kOpen = "${env:";
constexpr std::string_view kEscaped = "$${";

bool name_character(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

struct Reference {
  std::string name;
  std::optional<std::string> fallback;
  std::size_t length = 0;  // in the text, from "$" to "}"
};

// The reference that `rest` begins with.
Result<Reference> read_reference(std::string_view rest) {
  const std::string shown(rest.substr(0, 40));
  Reference reference;
  std::size_t at = kOpen.size();
  while (at < rest.size() && name_character(rest[at], reference.name.empty())) reference.name += rest[at++];
  const auto refuse = [&](const std::string& why) {
    return fail(Code::kInvalidArgument,
                "'" + shown + "' " + why +
                    ", write ${env:NAME} or ${env:NAME:-default}, and $${ for the characters ${");
  };
  if (reference.name.empty()) return refuse("has no name of an environment variable");
  if (rest.substr(at).starts_with(":-")) {
    const std::size_t end = rest.find('}', at);
    if (end == std::string_view::npos) return refuse("is never closed");
    reference.fallback = std::string(rest.substr(at + 2, end - at - 2));
    at = end;
  }
  if (at >= rest.size() || rest[at] != '}') return refuse("is malformed");
  reference.length = at + 1;
  return reference;
}

// Copies `text`, with `replace` called for each reference.
Result<std::string> walk(std::string_view text,
                         const std::function<Result<std::string>(const Reference&)>& replace) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with(kEscaped)) {
      out += "${";
      text.remove_prefix(kEscaped.size());
      continue;
    }
    if (!text.starts_with(kOpen)) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto reference = read_reference(text);
    if (!reference) return tl::unexpected(reference.error());
    auto value = replace(*reference);
    if (!value) return value;
    out += *value;
    text.remove_prefix(reference->length);
  }
  return out;
}

void expand_text(std::string& text, const EnvironmentLookup& lookup, const std::string& path,
                 FieldErrors& errors) {
  auto expanded = expand_environment(text, lookup);
  if (expanded) {
    text = std::move(*expanded);
  } else {
    errors.push_back({path, expanded.error().message});
  }
}

void expand_message(Message& message, const EnvironmentLookup& lookup, const std::string& path,
                    FieldErrors& errors);

void expand_repeated(Message& message, const FieldDescriptor& field, const EnvironmentLookup& lookup,
                     const std::string& path, FieldErrors& errors) {
  const Reflection& access = *message.GetReflection();
  for (int i = 0; i < access.FieldSize(message, &field); ++i) {
    const std::string at = doc::path_of_index(path, static_cast<std::size_t>(i));
    if (field.is_map()) {
      Message& entry = *access.MutableRepeatedMessage(&message, &field, i);
      const Reflection& inner = *entry.GetReflection();
      std::string text = inner.GetString(entry, field.message_type()->map_value());
      expand_text(text, lookup,
                  doc::path_of_key(path, inner.GetString(entry, field.message_type()->map_key())), errors);
      inner.SetString(&entry, field.message_type()->map_value(), std::move(text));
    } else if (json_kind(field) == JsonKind::kText) {
      std::string text = access.GetRepeatedString(message, &field, i);
      expand_text(text, lookup, at, errors);
      access.SetRepeatedString(&message, &field, i, std::move(text));
    } else {
      expand_message(*access.MutableRepeatedMessage(&message, &field, i), lookup, at, errors);
    }
  }
}

void expand_message(Message& message, const EnvironmentLookup& lookup, const std::string& path,
                    FieldErrors& errors) {
  const Reflection& access = *message.GetReflection();
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string at = doc::path_of_key(path, field.json_name());
    const bool inner = json_kind(field) == JsonKind::kMessage && !field.is_map();
    if (!inner && !may_refer_to_environment(field)) continue;
    if (field.is_repeated()) {
      expand_repeated(message, field, lookup, at, errors);
    } else if (!access.HasField(message, &field)) {
      continue;
    } else if (inner) {
      expand_message(*access.MutableMessage(&message, &field), lookup, at, errors);
    } else {
      std::string text = access.GetString(message, &field);
      expand_text(text, lookup, at, errors);
      access.SetString(&message, &field, std::move(text));
    }
  }
}

}  // namespace

bool has_environment_reference(std::string_view text) {
  for (std::size_t at = text.find(kOpen); at != std::string_view::npos; at = text.find(kOpen, at + 1)) {
    if (at == 0 || text[at - 1] != '$') return true;
  }
  return false;
}

std::optional<std::string> environment_syntax_error(std::string_view text) {
  const auto walked = walk(text, [](const Reference&) { return Result<std::string>(std::string()); });
  if (walked) return std::nullopt;
  return walked.error().message;
}

Result<std::string> expand_environment(std::string_view text, const EnvironmentLookup& lookup) {
  return walk(text, [&](const Reference& reference) -> Result<std::string> {
    auto value = lookup(reference.name);
    if (value && !(value->empty() && reference.fallback)) return *value;
    if (reference.fallback) return *reference.fallback;
    return fail(Code::kInvalidArgument,
                "the environment variable " + reference.name +
                    " is not set; set it, or give a default with ${env:" + reference.name + ":-default}");
  });
}

FieldErrors expand_environment(Message& message, const EnvironmentLookup& lookup,
                               std::string_view root_path) {
  FieldErrors errors;
  expand_message(message, lookup, std::string(root_path), errors);
  if (errors.empty()) errors = validate(message, root_path);
  return errors;
}

}  // namespace otlpipe::schema
