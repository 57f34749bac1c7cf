#pragma once

namespace otlpipe::worker::app {

// Lets freed pages rest for half a second before they are given back: buffers of a request's size come and go
// all the time. To be called before the first thread starts. Does nothing with the sanitizers' allocator.
void tune_allocator();

// Lets mimalloc do now what it otherwise does when it is next called, which a thread at rest never does: free
// the calling thread's empty pages, and give segments that have become free back to the system. Without this
// a worker would keep the memory of its last peak. What shares a segment with something that is still in use
// may stay until the thread works again. Does nothing with the sanitizers' allocator. Thread safe.
void give_back_memory();

}  // namespace otlpipe::worker::app
