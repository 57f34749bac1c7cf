# The three ways to declare a target, so that each folder's CMakeLists.txt is a list of files and of what they need.
#
#   otlpipe_library(NAME SOURCES a.cc … DEPS otlpipe_base … [PRIVATE_DEPS …])
#   otlpipe_binary(NAME SOURCES main.cc DEPS …)
#   otlpipe_test(NAME SOURCES a_test.cc … DEPS … [SINGLE_THREADED])   a gtest binary, each of its tests known to ctest;
#                                                      what has no threads is not built for the thread sanitizer
include(GoogleTest)

# All that the build generates and sources include; what reads sources without compiling them (clang-tidy) builds this first.
add_custom_target(generated_headers)
# All that ctest runs.
add_custom_target(check_programs)

function(otlpipe_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE otlpipe_options ${ARG_PRIVATE_DEPS})
    target_include_directories(${name} PUBLIC "${CMAKE_SOURCE_DIR}")
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${ARG_DEPS})
    target_include_directories(${name} INTERFACE "${CMAKE_SOURCE_DIR}")
  endif()
endfunction()

function(otlpipe_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE otlpipe_options ${ARG_DEPS})
endfunction()

function(otlpipe_test name)
  if(NOT OTLPIPE_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "SINGLE_THREADED" "" "SOURCES;DEPS" ${ARGN})
  if(ARG_SINGLE_THREADED AND OTLPIPE_SANITIZE STREQUAL "thread")
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  add_dependencies(check_programs ${name})
  target_link_libraries(${name} PRIVATE otlpipe_options ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 DISCOVERY_MODE PRE_TEST WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" PROPERTIES TIMEOUT 120)
endfunction()

# otlpipe_fuzz(NAME SOURCES x_fuzz.cc CORPUS dir DEPS …): a libFuzzer target; ctest replays its corpus and fuzzes briefly.
function(otlpipe_fuzz name)
  if(NOT OTLPIPE_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "CORPUS" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  add_dependencies(check_programs ${name})
  target_link_libraries(${name} PRIVATE otlpipe_options ${ARG_DEPS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
  add_test(NAME fuzz.${name} COMMAND ${CMAKE_COMMAND} -E env "ASAN_OPTIONS=detect_leaks=0" $<TARGET_FILE:${name}> -max_total_time=5
           -timeout=10 -rss_limit_mb=2048 "${CMAKE_BINARY_DIR}/fuzz-corpus/${name}" "${ARG_CORPUS}")
  file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz-corpus/${name}")
endfunction()

# otlpipe_proto(NAME PROTOS a.proto … [GRPC] DEPS …): paths relative to proto/; generated headers are included as "otlpipe/….pb.h".
function(otlpipe_proto name)
  cmake_parse_arguments(ARG "GRPC" "" "PROTOS;DEPS" ${ARGN})
  set(root "${CMAKE_SOURCE_DIR}/proto")
  set(out "${CMAKE_BINARY_DIR}/proto-gen")
  file(MAKE_DIRECTORY "${out}")
  set(sources "")
  # Each output depends on every file of the target: the files import one another, and an option that changes its number in one
  # changes what the others contain.
  set(all_protos ${ARG_PROTOS})
  list(TRANSFORM all_protos PREPEND "${root}/")
  foreach(proto IN LISTS ARG_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" stem "${proto}")
    set(outputs "${out}/${stem}.pb.cc" "${out}/${stem}.pb.h")
    set(grpc_args "")
    if(ARG_GRPC)
      list(APPEND outputs "${out}/${stem}.grpc.pb.cc" "${out}/${stem}.grpc.pb.h")
      set(grpc_args "--grpc_out=${out}" "--plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN}")
    endif()
    add_custom_command(OUTPUT ${outputs}
      COMMAND protobuf::protoc "--cpp_out=${out}" ${grpc_args} "-I${root}" "${root}/${proto}"
      DEPENDS ${all_protos} VERBATIM)
    list(APPEND sources ${outputs})
  endforeach()
  add_custom_target(${name}_sources DEPENDS ${sources})
  add_dependencies(generated_headers ${name}_sources)
  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)  # protoc gives the same names in every file
  add_dependencies(${name} ${name}_sources)
  target_include_directories(${name} SYSTEM PUBLIC "${out}")
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf ${ARG_DEPS})
  if(OTLPIPE_SANITIZE STREQUAL "thread")
    target_compile_options(${name} PUBLIC -include "${CMAKE_SOURCE_DIR}/cmake/protobuf_thread_sanitizer.h")
  endif()
  if(ARG_GRPC)
    target_link_libraries(${name} PUBLIC PkgConfig::GRPCPP)
  endif()
endfunction()
