#include "tests/bench/wire/sink.h"

#include <csignal>
#include <cstdio>

#include <sys/signalfd.h>
#include <unistd.h>

namespace otlpipe::bench {
namespace {

Handle watch_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGUSR1, SIGUSR2, SIGTERM, SIGINT}) sigaddset(&set, number);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return Handle(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

}  // namespace

Sink::Sink(Listening listening, bool stalled, bool only_requests)
    : listening_(std::move(listening)),
      signals_(watch_signals()),
      counter_(only_requests),
      stalled_(stalled) {
  poller_.watch(listening_.socket.number(), EPOLLIN, &listening_);
  poller_.watch(signals_.number(), EPOLLIN, &signals_);
  poller_.watch(STDIN_FILENO, EPOLLIN, &input_);
}

void Sink::run() {
  while (!over_) {
    for (const epoll_event& event : poller_.wait(std::chrono::seconds(1))) {
      if (event.data.ptr == &listening_) {
        accept_all();
      } else if (event.data.ptr == &signals_) {
        on_signals();
      } else if (event.data.ptr == &input_) {
        on_input();
      } else {
        on_connection(*static_cast<SinkConnection*>(event.data.ptr), event.events);
      }
    }
  }
}

void Sink::accept_all() {
  while (Handle socket = accept_tcp(listening_.socket)) {
    auto made = std::make_unique<SinkConnection>(std::move(socket), counter_);
    SinkConnection& connection = *made;
    connections_.emplace(&connection, std::move(made));
    if (!stalled_) poller_.watch(connection.socket(), EPOLLIN, &connection);
    connection.flush();
  }
}

void Sink::on_connection(SinkConnection& connection, std::uint32_t events) {
  const bool wanted = connection.wants_to_write();
  const bool alive = (events & ~EPOLLOUT) != 0 ? connection.receive() : connection.flush();
  if (!alive) {
    poller_.forget(connection.socket());
    connections_.erase(&connection);
  } else if (connection.wants_to_write() != wanted) {
    poller_.watch(connection.socket(), wanted ? EPOLLIN : EPOLLIN | EPOLLOUT, &connection);
  }
}

void Sink::on_signals() {
  signalfd_siginfo info{};
  while (read(signals_.number(), &info, sizeof info) == sizeof info) {
    command(info.ssi_signo == SIGUSR1 ? "go" : info.ssi_signo == SIGUSR2 ? "report" : "quit");
  }
}

void Sink::on_input() {
  char buffer[256];
  const ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
  if (n <= 0) {
    over_ = true;
    return;
  }
  input_.append(buffer, static_cast<std::size_t>(n));
  for (std::size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
    command(std::string_view(input_).substr(0, end));
    input_.erase(0, end + 1);
  }
}

void Sink::command(std::string_view word) {
  if (word == "report") return report();
  if (word == "go") return go_on();
  if (word == "stall") return stall();
  if (word == "quit") over_ = true;
}

void Sink::stall() {
  stalled_ = true;
  for (const auto& [connection, owner] : connections_) poller_.forget(connection->socket());
}

void Sink::go_on() {
  stalled_ = false;
  for (const auto& [connection, owner] : connections_) {
    poller_.watch(connection->socket(), connection->wants_to_write() ? EPOLLIN | EPOLLOUT : EPOLLIN,
                  connection);
  }
}

void Sink::report() const {
  const SinkTotals& totals = counter_.totals();
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "{\"event\": \"report\", \"requests\": %llu, \"bytes\": %llu, \"bad\": %llu, \"traces\": %llu, "
      "\"metrics\": %llu, "
      "\"logs\": %llu, \"cpu_seconds\": %.6f}\n",
      number(totals.requests), number(totals.bytes), number(totals.bad), number(totals.records[0]),
      number(totals.records[1]), number(totals.records[2]), own_cpu_seconds());
  std::fflush(stdout);
}

}  // namespace otlpipe::bench
