#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace otlpipe::worker::exporters {

// Appends whole blocks of lines to a file descriptor. Thread safe: blocks of different threads do not mix.
// Writing blocks.
class LineWriter {
 public:
  virtual ~LineWriter() = default;
  // kUnavailable with the reason (disk full, …), when not all of it could be written. What was written of the
  // block until then is taken back where the file can be cut.
  virtual Status write(std::string_view block) = 0;
};

// Standard output; stays open.
std::shared_ptr<LineWriter> make_stdout_writer();

// Creates or appends to a file, with mode 0640. kUnavailable with the path and the reason.
Result<std::shared_ptr<LineWriter>> open_line_file(const std::string& path);

}  // namespace otlpipe::worker::exporters
