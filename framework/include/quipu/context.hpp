/// What a decision may know besides state and command: the only source of time and chance in a domain.
#pragma once

#include <quipu/journal/id.hpp>
#include <quipu/result.hpp>

#include <chrono>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace quipu {

/// A name and a value that travel with a command and are stored with its commit: tenant, user, session. A command has at
/// most 32 of them, of 8 KiB in all; names are 1 to 64 of a-z A-Z 0-9 _ . and -, each once; values are any bytes.
struct header {
  std::string name;
  std::string value;
};

class context {
 public:
  using time_point = std::chrono::sys_time<std::chrono::microseconds>;

  context(time_point now, command_id command, std::string_view key, std::uint64_t sequence,
          std::span<const header> headers = {}, id128 trace = {}, id128 causation = {})
      : time_(now),
        command_(command),
        key_(key),
        sequence_(sequence),
        headers_(headers),
        trace_(trace),
        causation_(causation) {}

  /// When the command is decided; never before the partition's previous commit. Stored with the commit.
  time_point time() const { return time_; }
  command_id command() const { return command_; }
  std::string_view key() const { return key_; }
  /// Of the entity's last event, also where that one ended it; 0 when it never had one.
  std::uint64_t sequence() const { return sequence_; }
  /// The value of a header; empty where it was not sent.
  std::string_view header_value(std::string_view name) const {
    for (const auto& h : headers_)
      if (h.name == name) return h.value;
    return {};
  }
  std::span<const header> headers() const { return headers_; }
  /// What the ask said of where it belongs and what caused it; zero where it said nothing.
  id128 trace() const { return trace_; }
  id128 causation() const { return causation_; }

  /// A random engine seeded by the command id: the same command draws the same numbers.
  std::mt19937_64 random() const {
    std::seed_seq seed{
        static_cast<std::uint32_t>(command_.high >> 32U), static_cast<std::uint32_t>(command_.high),
        static_cast<std::uint32_t>(command_.low >> 32U), static_cast<std::uint32_t>(command_.low)};
    return std::mt19937_64(seed);
  }

 private:
  time_point time_;
  command_id command_;
  std::string_view key_;
  std::uint64_t sequence_;
  std::span<const header> headers_;
  id128 trace_;
  id128 causation_;
};

}  // namespace quipu
