#include "jetstream/delivery.hpp"

#include <array>
#include <charconv>

namespace quipu::journal::jetstream {
namespace {

std::uint64_t number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end ? value : 0;
}

}  // namespace

std::optional<delivery> read_delivery(std::string_view reply_subject) {
  if (!reply_subject.starts_with("$JS.ACK.")) return std::nullopt;
  std::array<std::string_view, 12> tokens;
  std::size_t count = 0;
  for (auto rest = reply_subject; count < tokens.size();) {
    const auto dot = rest.find('.');
    tokens[count++] = rest.substr(0, dot);
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (count < 9) return std::nullopt;
  const std::size_t shift = count >= 11 ? 2 : 0;
  const delivery out{tokens[3 + shift], number_in(tokens[5 + shift]), number_in(tokens[6 + shift])};
  if (out.stream_sequence == 0 || out.consumer_sequence == 0) return std::nullopt;
  return out;
}

}  // namespace quipu::journal::jetstream
