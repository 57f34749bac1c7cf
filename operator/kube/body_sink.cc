#include "operator/kube/body_sink.h"

#include <utility>

namespace otlpipe::kube {
namespace {

namespace streams = concurrency::streams;
using Base = streams::details::streambuf_state_manager<std::uint8_t>;

// Write-only and unbuffered. The reading half answers that there is nothing.
class BodySink final : public Base {
 public:
  explicit BodySink(std::shared_ptr<Exchange> exchange)
      : Base(std::ios_base::out), exchange_(std::move(exchange)) {}

  bool can_seek() const override { return false; }
  bool has_size() const override { return false; }
  std::size_t buffer_size(std::ios_base::openmode) const override { return 0; }
  void set_buffer_size(std::size_t, std::ios_base::openmode) override {}
  std::size_t in_avail() const override { return 0; }
  pos_type getpos(std::ios_base::openmode) const override { return nowhere(); }
  pos_type seekpos(pos_type, std::ios_base::openmode) override { return nowhere(); }
  pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override { return nowhere(); }
  bool acquire(std::uint8_t*& data, std::size_t& count) override {
    data = nullptr;
    count = 0;
    return false;
  }
  void release(std::uint8_t*, std::size_t) override {}
  // The base class answers a refused write by closing itself, and waits for that on the thread that runs what
  // it waits for: with as many refusals at once as the library has threads, it would wait for ever.
  pplx::task<std::size_t> putn_nocopy(const std::uint8_t* data, std::size_t count) override {
    return exchange_->write(data, count);
  }

 protected:
  pplx::task<int_type> _putc(std::uint8_t byte) override {
    return exchange_->write(&byte, 1).then([byte](std::size_t) { return static_cast<int_type>(byte); });
  }
  pplx::task<std::size_t> _putn(const std::uint8_t* data, std::size_t count) override {
    return exchange_->write(data, count);
  }
  pplx::task<int_type> _bumpc() override { return nothing(); }
  int_type _sbumpc() override { return traits::eof(); }
  pplx::task<int_type> _getc() override { return nothing(); }
  int_type _sgetc() override { return traits::eof(); }
  pplx::task<int_type> _nextc() override { return nothing(); }
  pplx::task<int_type> _ungetc() override { return nothing(); }
  pplx::task<std::size_t> _getn(std::uint8_t*, std::size_t) override {
    return pplx::task_from_result<std::size_t>(0);
  }
  std::size_t _scopy(std::uint8_t*, std::size_t) override { return 0; }
  pplx::task<bool> _sync() override { return pplx::task_from_result(true); }
  std::uint8_t* _alloc(std::size_t) override { return nullptr; }
  void _commit(std::size_t) override {}

 private:
  static pos_type nowhere() { return static_cast<pos_type>(traits::eof()); }
  static pplx::task<int_type> nothing() { return pplx::task_from_result<int_type>(traits::eof()); }

  const std::shared_ptr<Exchange> exchange_;
};

}  // namespace

std::shared_ptr<streams::details::basic_streambuf<std::uint8_t>> make_body_sink(
    std::shared_ptr<Exchange> exchange) {
  return std::make_shared<BodySink>(std::move(exchange));
}

}  // namespace otlpipe::kube
