#include <quipu/journal/command_source.hpp>

#include <algorithm>
#include <array>

namespace quipu {

std::uint64_t reaction_hash(std::string_view name) {
  return std::max<std::uint64_t>(checksum_of(as_bytes(name)).low, 1);
}

id128 id_of(const command_source& source, std::chrono::sys_time<std::chrono::microseconds> event_time) {
  std::array<std::uint8_t, 18> text{};
  auto put = [next = text.begin()](std::uint64_t number, unsigned size) mutable {
    for (unsigned i = 0; i < size; ++i) *next++ = static_cast<std::uint8_t>(number >> (8 * i));
  };
  put(source.reaction, 8);
  put(source.at.value, 8);
  put(source.index, 2);
  const auto drawn = checksum_of(text);

  constexpr std::uint64_t version = 7ULL << 12U;
  constexpr std::uint64_t variant = 1ULL << 63U;
  constexpr std::uint64_t below_version = (1ULL << 12U) - 1;
  constexpr std::uint64_t below_variant = (1ULL << 62U) - 1;
  const auto since = std::max<std::int64_t>(event_time.time_since_epoch().count(), 0);
  const auto ms = static_cast<std::uint64_t>(since / 1000);
  return {ms << 16U | version | (drawn.high & below_version), variant | (drawn.low & below_variant)};
}

}  // namespace quipu
