// Included first by everything that knows Protobuf in builds with the thread sanitizer. Protobuf's headers
// give map fields one more member there, which the distribution's library was built without: the two would
// disagree about every Struct.
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#undef __SANITIZE_THREAD__
#include <google/protobuf/map_field.h>
#define __SANITIZE_THREAD__ 1
