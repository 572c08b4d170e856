/// What the bank's clients note outside of the bank: each command before it is sent, each answer as it comes.
/// The worker writes entries into a pipe; its parent is the record that survives.
#pragma once

#include <quipu/result.hpp>

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace quipu::test::crash {

enum class note : std::uint8_t {
  opened,    ///< value: events replayed, sequence: snapshots loaded
  sending,   ///< a command is about to be sent
  answered,  ///< and what came of it
  read,      ///< an account after all open questions are settled
  loading,   ///< new commands follow
  closing,   ///< close() is called now
  closed,    ///< and has returned
};
enum class verb : std::uint8_t { open, deposit, withdraw, close };
enum class said : std::uint8_t { accepted, rejected, failed };

/// Written at once: below PIPE_BUF, so that no kill leaves half of one.
struct entry {
  crash::note note = crash::note::opened;
  crash::verb verb = crash::verb::open;
  crash::said said = crash::said::accepted;
  std::uint8_t code = 0;  ///< index of a rejection's code, or an error_kind
  std::uint8_t repeat = 0;
  std::uint32_t account = 0;
  std::uint64_t id_high = 0;
  std::uint64_t id_low = 0;
  std::int64_t amount = 0;  ///< of the command
  std::int64_t value = 0;   ///< the balance that was told
  std::uint64_t sequence = 0;
  std::uint64_t position = 0;

  command_id command() const { return {id_high, id_low}; }
};
static_assert(std::is_trivially_copyable_v<entry> && sizeof(entry) <= 512);

inline constexpr std::array<std::string_view, 7> rejection_codes = {
    "exists",
    "not_found",
    "owner_missing",
    "amount_not_positive",
    "insufficient_funds",
    "balance_too_large",
    "not_empty",
};
inline std::uint8_t code_of(std::string_view text) {
  std::uint8_t at = 0;
  while (at < rejection_codes.size() && rejection_codes[at] != text) ++at;
  return at;
}
inline std::string_view text_of(std::uint8_t code) {
  return code < rejection_codes.size() ? rejection_codes[code] : "a code that the bank does not have";
}

inline constexpr int report_descriptor = 3;
inline constexpr std::uint32_t accounts = 12;  ///< account 0 is the hot one
/// Below the repeat window of an account: what had no answer at the kill is known when it is asked again.
inline constexpr std::ptrdiff_t most_outstanding = 64;

}  // namespace quipu::test::crash
