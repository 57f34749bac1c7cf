# Compiler, warnings, sanitizers, coverage, linker and compiler cache: everything that holds for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(OTLPIPE_CCACHE ccache)
if(OTLPIPE_CCACHE)
  if(DEFINED ENV{OTLPIPE_CACHE})
    set(cache "$ENV{OTLPIPE_CACHE}")
  elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(cache "$ENV{XDG_CACHE_HOME}/otlpipe")
  else()
    set(cache "$ENV{HOME}/.cache/otlpipe")
  endif()
  # base_dir makes a hit in one clone serve the next; without it every path of the clone is part of the key.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_DIR=${cache}/ccache CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
                                  CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=time_macros ${OTLPIPE_CCACHE})
endif()

find_program(OTLPIPE_MOLD mold)
if(OTLPIPE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(otlpipe_options INTERFACE)
target_compile_options(otlpipe_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                                                 -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
target_include_directories(otlpipe_options INTERFACE "${CMAKE_SOURCE_DIR}")

if(OTLPIPE_SANITIZE)
  add_compile_options(-fsanitize=${OTLPIPE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${OTLPIPE_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC's flow analysis reports false positives inside the standard library once it is instrumented.
    target_compile_options(otlpipe_options INTERFACE -Wno-maybe-uninitialized -Wno-tsan)
  endif()
endif()

# Several sources of a target in one compilation: a build of everything takes less than half the time, because most of it goes
# into the headers that the sources share. Names in anonymous namespaces have to differ within a target for it.
if(CMAKE_UNITY_BUILD)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)
  # The first is about headers, which the sources of a unit look like; the second is wrong about tl::expected in large units.
  # Clang calls it shadowing when two sources of a unit have the same using declaration.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(otlpipe_options INTERFACE -Wno-subobject-linkage -Wno-maybe-uninitialized)
  else()
    target_compile_options(otlpipe_options INTERFACE -Wno-shadow)
  endif()
endif()

option(OTLPIPE_COVERAGE "Instrument for coverage" OFF)
if(OTLPIPE_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
