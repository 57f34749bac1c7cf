#include "common/time/duration.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace otlpipe {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};
// "ms" stands before "m" so that the longer name wins.
constexpr std::array<Unit, 7> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"\xC2\xB5s", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", 1'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"h", 3'600'000'000'000}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

tl::unexpected<Error> bad_duration(std::string_view text, std::string_view why) {
  return fail(Code::kInvalidArgument, "\"" + std::string(text) + "\" is not a duration (" + std::string(why) +
                                          "); write a number with a unit, such as 100ms, 1.5s or 2m30s");
}

// Adds `digits` (whole and fraction) times the unit; false on overflow.
bool add_component(std::int64_t whole, std::int64_t fraction, std::int64_t scale, std::int64_t unit,
                   std::int64_t& total) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(whole, unit, &product) || __builtin_add_overflow(total, product, &total))
    return false;
  const auto part = static_cast<std::int64_t>(static_cast<__int128_t>(fraction) * unit / scale);
  return !__builtin_add_overflow(total, part, &total);
}

std::string format_fraction(std::int64_t value, std::int64_t unit, std::string_view name) {
  std::string out = std::to_string(value / unit);
  std::int64_t rest = value % unit;
  if (rest != 0) {
    out += '.';
    for (std::int64_t scale = unit / 10; rest != 0; scale /= 10) {
      out += static_cast<char>('0' + rest / scale);
      rest %= scale;
    }
  }
  return out.append(name);
}

std::string format_utc(WallTime time, bool micro) {
  const auto since = time.time_since_epoch();
  auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(since - seconds).count();
  const std::time_t t = seconds.count();
  std::tm parts{};
  gmtime_r(&t, &parts);
  std::array<char, 64> buffer{};
  const std::size_t n = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string out(buffer.data(), n);
  if (micro) {
    std::array<char, 16> tail{};
    std::snprintf(tail.data(), tail.size(), ".%06d", static_cast<int>(micros));
    out += tail.data();
  }
  return out + 'Z';
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration::zero();
  if (text.empty()) return bad_duration(text, "it is empty");
  std::int64_t total = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::int64_t whole = 0;
    std::int64_t fraction = 0;
    std::int64_t scale = 1;
    std::size_t i = 0;
    for (; i < rest.size() && is_digit(rest[i]); ++i) {
      if (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, rest[i] - '0', &whole))
        return bad_duration(text, "too long");
    }
    std::size_t digits = i;
    if (i < rest.size() && rest[i] == '.') {
      for (++i; i < rest.size() && is_digit(rest[i]); ++i, ++digits) {
        if (scale < 1'000'000'000'000) {  // finer than a nanosecond is dropped
          fraction = fraction * 10 + (rest[i] - '0');
          scale *= 10;
        }
      }
    }
    if (digits == 0) return bad_duration(text, "a number is missing");
    rest.remove_prefix(i);
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (rest.starts_with(candidate.name)) {
        unit = &candidate;
        break;
      }
    }
    if (unit == nullptr) return bad_duration(text, "a unit is missing");
    rest.remove_prefix(unit->name.size());
    if (!add_component(whole, fraction, scale, unit->nanos, total)) return bad_duration(text, "too long");
  }
  return Duration(total);
}

std::string format_duration(Duration value) {
  std::int64_t n = value.count();
  if (n == 0) return "0s";
  std::string out = n < 0 ? "-" : "";
  if (n < 0) n = -n;
  if (n < 1'000) return out + format_fraction(n, 1, "ns");
  if (n < 1'000'000) return out + format_fraction(n, 1'000, "us");
  if (n < 1'000'000'000) return out + format_fraction(n, 1'000'000, "ms");
  const std::int64_t hours = n / 3'600'000'000'000;
  const std::int64_t minutes = n / 60'000'000'000 % 60;
  const std::int64_t seconds = n % 60'000'000'000;
  if (hours > 0) out += std::to_string(hours) + "h";
  if (minutes > 0) out += std::to_string(minutes) + "m";
  if (seconds > 0) out += format_fraction(seconds, 1'000'000'000, "s");
  return out;
}

std::string format_rfc3339(WallTime time) {
  return format_utc(time, false);
}
std::string format_rfc3339_micro(WallTime time) {
  return format_utc(time, true);
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  const std::string copy(text);
  std::tm parts{};
  const char* rest = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  const auto bad = [&] {
    return fail(Code::kInvalidArgument,
                "\"" + copy + "\" is not an RFC 3339 time such as 2026-01-02T03:04:05Z");
  };
  if (rest == nullptr) return bad();
  std::int64_t nanos = 0;
  if (*rest == '.') {
    std::int64_t scale = 100'000'000;
    for (++rest; is_digit(*rest); ++rest, scale /= 10) nanos += (*rest - '0') * scale;
  }
  std::int64_t offset_seconds = 0;
  if (*rest == '+' || *rest == '-') {
    int hours = 0;
    int minutes = 0;
    if (std::sscanf(rest + 1, "%2d:%2d", &hours, &minutes) != 2 || std::string_view(rest).size() != 6)
      return bad();
    offset_seconds = (hours * 3600 + minutes * 60) * (*rest == '-' ? -1 : 1);
  } else if (std::string_view(rest) != "Z") {
    return bad();
  }
  const std::int64_t seconds = timegm(&parts) - offset_seconds;
  // What nanoseconds in 64 bits can hold: the years 1678 to 2261.
  constexpr std::int64_t kFarthest = 9'223'372'035;
  if (seconds < -kFarthest || seconds > kFarthest) return bad();
  return WallTime(std::chrono::seconds(seconds) + std::chrono::nanoseconds(nanos));
}

}  // namespace otlpipe
