#include "worker/app/allocator.h"

#ifdef OTLPIPE_MIMALLOC
#include <mimalloc.h>
#endif

namespace otlpipe::worker::app {

void tune_allocator() {
#ifdef OTLPIPE_MIMALLOC
  constexpr long kRestMilliseconds = 500;
  mi_option_set(mi_option_decommit_delay, kRestMilliseconds);
#endif
}

void give_back_memory() {
#ifdef OTLPIPE_MIMALLOC
  mi_collect(false);
#endif
}

}  // namespace otlpipe::worker::app
