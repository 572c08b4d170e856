/// The generations of one projection on disk, and which of them is live.
#pragma once

#include "projections/failures.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::projecting {

/// Commits of a generation and its replacement by another take turns, between processes too: while the one that is to
/// replace it catches up for the last time, the live one stands still.
class commit_turns {
 public:
  class turn {
   public:
    ~turn();
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

   private:
    friend class commit_turns;
    turn(int fd, bool alone);
    int fd_;
  };

  /// Without the file (a full disk, no permission) there are no turns: the commit itself will say why.
  explicit commit_turns(const std::filesystem::path& generation);
  ~commit_turns();
  commit_turns(const commit_turns&) = delete;
  commit_turns& operator=(const commit_turns&) = delete;

  /// Waits while somebody has it alone.
  turn commit() const { return {fd_, false}; }
  turn alone() const { return {fd_, true}; }

 private:
  int fd_;
};

/// DIRECTORY/read-models/PROJECTION. Nothing is kept in memory: every call looks at the disk.
class generations {
 public:
  generations(const std::filesystem::path& node_directory, std::string_view projection);

  std::filesystem::path directory_of(std::uint32_t generation) const;
  /// 0: none is.
  result<std::uint32_t> live() const;
  /// In growing order.
  result<std::vector<std::uint32_t>> all() const;
  /// Atomic and durable: readers find the old one or this one.
  result<void> make_live(std::uint32_t generation) const;

  /// A generation that was never live: a rebuild, under way or done. Durable; the directory is made where there is none.
  result<void> mark_unpromoted(std::uint32_t generation) const;
  bool unpromoted(std::uint32_t generation) const;

  /// Deletes it: at once for whoever looks for it, and for ever. `locked` where a process keeps or reads it.
  result<void> remove(std::uint32_t generation) const;
  /// What a remove() that was cut short has left.
  void sweep() const;
  /// The process that keeps it.
  std::optional<std::string> holder(std::uint32_t generation) const;

  /// Why a generation is paused; nothing: it is not. Kept in a file of its own, so that it can be written while another
  /// process keeps the rows.
  std::optional<std::string> paused(std::uint32_t generation) const;
  result<void> pause(std::uint32_t generation, std::string_view reason) const;
  result<void> resume(std::uint32_t generation) const;

  /// Why its projector can't go on; nothing: it can, as far as is known. For other processes: the holder writes it when it
  /// fails, and no text when it goes on.
  std::optional<std::string> failed(std::uint32_t generation) const;
  void note_failure(std::uint32_t generation, std::string_view text) const;

 private:
  std::optional<std::string> text_of(std::uint32_t generation, const char* file) const;

  std::filesystem::path home_;
};

}  // namespace quipu::projecting
