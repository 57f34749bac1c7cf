#pragma once

#include "worker/data/batch.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::exporters {

// Makes the batch the request's body, in the compression that the exporter is configured for. A batch that
// came in so, whole, goes out as it came.
inline void put_body(transport::ClientRequest& request, const data::Batch& batch,
                     compression::Compression compression) {
  const compression::Packed& packed = batch.packed();
  request.compression = compression;
  request.compressed = compression != compression::Compression::kNone && packed.compression == compression;
  request.body = request.compressed ? std::vector<Bytes>{packed.bytes} : batch.chunks();
}

}  // namespace otlpipe::worker::exporters
