#include "reading/position_argument.hpp"

#include <charconv>
#include <cstdint>

namespace quipu::tool {

std::optional<position> parse_position(std::string_view text) {
  auto number = [](std::string_view part, std::uint64_t most) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size() || value > most) return std::nullopt;
    return value;
  };
  auto colon = text.find(':');
  auto record = number(text.substr(0, colon), (1ULL << 48U) - 1);
  auto index = colon == std::string_view::npos ? 0 : number(text.substr(colon + 1), 0xffff);
  if (!record || !index) return std::nullopt;
  return position::of(*record, static_cast<std::uint32_t>(*index));
}

}  // namespace quipu::tool
