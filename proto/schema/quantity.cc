#include "proto/schema/quantity.h"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace otlpipe::schema {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr Wide kNano = 1'000'000'000;
constexpr Wide kLimit = Wide{std::numeric_limits<std::int64_t>::max()} * kNano;

struct Suffix {
  std::string_view text;
  int binary;   // power of 2
  int decimal;  // power of 10
};
constexpr std::array<Suffix, 16> kSuffixes = {{{"Ki", 10, 0},
                                               {"Mi", 20, 0},
                                               {"Gi", 30, 0},
                                               {"Ti", 40, 0},
                                               {"Pi", 50, 0},
                                               {"Ei", 60, 0},
                                               {"n", 0, -9},
                                               {"u", 0, -6},
                                               {"m", 0, -3},
                                               {"k", 0, 3},
                                               {"M", 0, 6},
                                               {"G", 0, 9},
                                               {"T", 0, 12},
                                               {"P", 0, 15},
                                               {"E", 0, 18},
                                               {"", 0, 0}}};

tl::unexpected<Error> refuse(std::string_view text) {
  return fail(Code::kInvalidArgument,
              "'" + std::string(text) + "' is not a quantity, write it like 64Mi, 1.5Gi or 1000000");
}

// Reads "e3" or "E-2" whole.
bool exponent(std::string_view text, int& power) {
  if (text.size() < 2 || (text.front() != 'e' && text.front() != 'E')) return false;
  text.remove_prefix(1);
  if (text.front() == '+') text.remove_prefix(1);
  const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), power);
  return error == std::errc() && next == text.data() + text.size() && power >= -9 && power <= 18;
}

}  // namespace

Result<Quantity> Quantity::parse(std::string_view text) {
  Wide nanos = 0;
  std::size_t at = 0;
  int fraction = -1;  // digits behind the point; -1: no point yet
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && fraction < 0 && at > 0) {
      fraction = 0;
    } else if (c >= '0' && c <= '9') {
      if (fraction == 9) return refuse(text);
      if (fraction >= 0) ++fraction;
      nanos = nanos * 10 + static_cast<Wide>(c - '0');
      if (nanos > kLimit) return refuse(text);
    } else {
      break;
    }
  }
  if (at == 0 || text[at - 1] == '.') return refuse(text);
  int power = 9 - (fraction > 0 ? fraction : 0);
  int shift = 0;
  const std::string_view tail = text.substr(at);
  int exponent_power = 0;
  if (exponent(tail, exponent_power)) {
    power += exponent_power;
  } else {
    bool known = false;
    for (const Suffix& suffix : kSuffixes) {
      if (tail != suffix.text) continue;
      known = true;
      power += suffix.decimal;
      shift = suffix.binary;
    }
    if (!known) return refuse(text);
  }
  for (; shift > 0; --shift) {
    nanos *= 2;
    if (nanos > kLimit * 2) return refuse(text);
  }
  for (; power > 0; --power) {
    nanos *= 10;
    if (nanos > kLimit * 10) return refuse(text);
  }
  for (; power < 0; ++power) nanos = (nanos + 9) / 10;  // finer than a nano rounds up
  if (nanos > kLimit) return refuse(text);
  Quantity quantity;
  quantity.nanos_ = nanos;
  return quantity;
}

Quantity Quantity::of_bytes(std::int64_t bytes) {
  Quantity quantity;
  quantity.nanos_ = static_cast<Wide>(bytes < 0 ? 0 : bytes) * kNano;
  return quantity;
}

std::int64_t Quantity::ceil() const {
  const Wide whole = (nanos_ + kNano - 1) / kNano;
  return whole > Wide{std::numeric_limits<std::int64_t>::max()} ? std::numeric_limits<std::int64_t>::max()
                                                                : static_cast<std::int64_t>(whole);
}

std::string format_bytes(std::int64_t bytes) {
  static constexpr std::array<std::string_view, 7> kBinary = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  std::size_t step = 0;
  while (bytes != 0 && bytes % 1024 == 0 && step + 1 < kBinary.size()) {
    bytes /= 1024;
    ++step;
  }
  return std::to_string(bytes).append(kBinary.at(step));
}

}  // namespace otlpipe::schema
