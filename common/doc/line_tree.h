#pragma once

#include <map>
#include <string>
#include <vector>

namespace otlpipe::doc {

// The lines of a value and of what is inside it, in the shape of the value. The line of an object's field is
// that of its key.
struct LineTree {
  int line = 1;
  std::map<std::string, LineTree, std::less<>> fields = {};
  std::vector<LineTree> items = {};
};

}  // namespace otlpipe::doc
