#pragma once

namespace otlpipe::worker::app {

// Takes the pages of programs and libraries that only the start needed out of this process's memory:
// relocation, static initialisers and the first reading of a configuration touch some ten MiB of code that
// the data plane never runs. They are clean pages of files; what is needed again comes back from the page
// cache. Thread safe.
void drop_startup_pages();

}  // namespace otlpipe::worker::app
