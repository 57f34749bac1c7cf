#include "worker/app/allocator.h"

#ifdef OTLPIPE_MIMALLOC
#include <mimalloc.h>
#endif

namespace otlpipe::worker::app {

void give_back_memory() {
#ifdef OTLPIPE_MIMALLOC
  mi_collect(false);
#endif
}

}  // namespace otlpipe::worker::app
