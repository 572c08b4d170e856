/// The commands that took effect on one entity, as far as it remembers: the repeat window.
#pragma once

#include <quipu/journal/id.hpp>
#include <quipu/journal/position.hpp>
#include <quipu/port/entity_type.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace quipu::core {

/// What tells replies of one table from those of another, when a program has changed what it answers.
inline constexpr std::uint32_t no_reply_type = 0;
std::uint32_t reply_type_of(std::string_view table);

/// How far ahead of the clock a command id's time may lie. One from further ahead would make the entity forget everything
/// older, so it is refused.
inline constexpr std::int64_t most_ahead_ms = std::int64_t{10} * 60 * 1000;

struct remembered {
  id128 command;
  std::uint64_t body_hash = 0;
  std::uint64_t sequence = 0;                ///< of the entity after the command
  quipu::position position;                  ///< of the command's last event
  std::int64_t time_us = 0;                  ///< of the commit
  std::uint32_t reply_type = no_reply_type;  ///< reply_type_of() its table's name
  bool of_reaction = false;                  ///< it had a source: its mark knows it when this is forgotten
  bytes_view reply;                          ///< into the window; valid until it changes
};

/// Entries lie packed in one buffer, oldest first, so that an entity that few commands reach costs little and
/// the window can be saved and loaded as it is. A pure function of the entity's commits.
class repeats {
 public:
  /// Remembers a commit and forgets what is now past a bound.
  void add(const remembered& entry, const port::repeat_window& bounds);

  std::optional<remembered> find(const id128& command) const;
  /// Whether the id, of a command without a source, may have been forgotten: it is not newer than the newest such id
  /// that was.
  bool may_be_forgotten(const id128& command) const { return command <= newest_forgotten_; }

  std::vector<remembered> all() const;  ///< oldest first
  std::uint32_t size() const { return count_; }
  /// When the newest commit that is remembered was decided; 0: none is.
  std::int64_t newest_time() const;
  id128 newest_forgotten() const { return newest_forgotten_; }
  bytes_view packed() const { return bytes_view(data_).subspan(start_); }
  /// The reverse of packed(); false for bytes that are none.
  bool load(bytes_view packed, const id128& newest_forgotten);

 private:
  void forget_oldest();
  remembered at(std::size_t offset) const;

  bytes data_;
  std::size_t start_ = 0;  // what lies before it is forgotten
  std::uint32_t count_ = 0;
  id128 newest_forgotten_;
};

}  // namespace quipu::core
