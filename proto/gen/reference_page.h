#pragma once

#include <string>

#include "proto/gen/comments.h"

namespace google::protobuf {
class Descriptor;
}

namespace otlpipe::gen {

// A page of the reference as Markdown: a table for `root` and for every message below it.
std::string reference_page(const google::protobuf::Descriptor& root, const std::string& title,
                           const std::string& intro, const Comments& comments);

}  // namespace otlpipe::gen
