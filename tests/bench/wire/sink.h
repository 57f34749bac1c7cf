#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tests/bench/wire/sink_connection.h"

namespace otlpipe::bench {

// A backend for OTLP/gRPC that counts. Commands come as signals (SIGUSR1 go, SIGUSR2 report, SIGTERM the end)
// or as lines on standard input (go, stall, report, quit); the end of standard input is the end of the sink,
// so that it never outlives who started it. One thread; the signals have to be blocked before.
class Sink {
 public:
  Sink(Listening listening, bool stalled, bool only_requests);
  void run();

 private:
  void accept_all();
  void on_connection(SinkConnection& connection, std::uint32_t events);
  void on_signals();
  void on_input();
  void command(std::string_view word);
  void stall();
  void go_on();
  void report() const;

  Listening listening_;
  Handle signals_;
  SinkCounter counter_;
  Poller poller_;
  std::unordered_map<SinkConnection*, std::unique_ptr<SinkConnection>> connections_;
  std::string input_;
  bool stalled_;
  bool over_ = false;
};

}  // namespace otlpipe::bench
