#include "proto/gen/comments.h"

#include <fstream>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

namespace otlpipe::gen {
namespace {

std::string one_line(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

template <typename Descriptor>
void note(const Descriptor& descriptor, std::map<std::string, std::string>& out) {
  google::protobuf::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return;
  const bool trailing = location.leading_comments.empty();
  out[descriptor.full_name()] = one_line(trailing ? location.trailing_comments : location.leading_comments);
}

}  // namespace

Result<Comments> Comments::read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  google::protobuf::FileDescriptorSet set;
  if (!in || !set.ParseFromIstream(&in)) return fail(Code::kInvalidArgument, "is not a descriptor set", path);
  Comments comments;
  google::protobuf::DescriptorPool pool;
  for (const auto& proto : set.file()) {
    const auto* file = pool.BuildFile(proto);
    if (file == nullptr) return fail(Code::kInvalidArgument, "cannot use " + proto.name(), path);
    for (int i = 0; i < file->message_type_count(); ++i) {
      note(*file->message_type(i), comments.by_name_);
      for (int k = 0; k < file->message_type(i)->field_count(); ++k) {
        note(*file->message_type(i)->field(k), comments.by_name_);
      }
    }
    for (int i = 0; i < file->enum_type_count(); ++i) {
      note(*file->enum_type(i), comments.by_name_);
      for (int k = 0; k < file->enum_type(i)->value_count(); ++k)
        note(*file->enum_type(i)->value(k), comments.by_name_);
    }
  }
  return comments;
}

std::string Comments::of(const std::string& full_name) const {
  const auto found = by_name_.find(full_name);
  return found == by_name_.end() ? std::string() : found->second;
}

}  // namespace otlpipe::gen
