#pragma once

namespace otlpipe::worker::app {

// Raises the number of files that this process may have open as far as the system lets it. Every connection
// is one, and the usual limit of 1,024 is for programs that use select(2).
void raise_file_limit();

}  // namespace otlpipe::worker::app
