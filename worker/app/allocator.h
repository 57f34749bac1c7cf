#pragma once

namespace otlpipe::worker::app {

// Tells the C library's allocator what this process does with memory: buffers of a request's size come and go
// all the time, so they stay in the heap, and the heap's end is given back in steps of some MiB and not after
// each of them. To be called before the first thread starts.
void tune_allocator();

}  // namespace otlpipe::worker::app
