#pragma once

namespace otlpipe::worker::app {

// Gives pages that the calling thread has freed back to the system. mimalloc does so when it is called next,
// which a thread at rest never does: without this a worker would keep the memory of its last peak. Only the
// heap of the calling thread; nothing where the sanitizers' allocator is in place.
void give_back_memory();

}  // namespace otlpipe::worker::app
