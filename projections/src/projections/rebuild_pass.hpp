/// One pass over the journal for several generations at once, a thread each.
#pragma once

#include "projections/generation_writer.hpp"
#include "projections/record_stream.hpp"
#include "projections/shelf.hpp"

#include <quipu/projections/rebuild.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace quipu::projecting {

/// Used by one thread; while advance() runs there are more.
class rebuild_pass {
 public:
  /// `live`: where the live ones are; what is made may lie elsewhere.
  rebuild_pass(std::shared_ptr<shelf> live, journal::journal& from, rebuild_options how)
      : live_(std::move(live)), from_(from), how_(std::move(how)) {}

  result<void> add(kept_generation kept, bool resumed, const std::vector<skipped_event>& skipped);

  std::vector<rebuild_state> states() const;
  result<rebuild_end> up_to(record_number last, const rebuild_look& look);
  result<rebuild_end> up_to_live(const rebuild_look& look);
  result<std::optional<comparison>> compare(std::size_t index, std::size_t first, const rebuild_look& look);
  result<rebuild_end> promote(const rebuild_look& look);
  result<std::vector<std::pair<std::string, std::uint64_t>>> row_counts(std::size_t index) const;
  result<std::vector<dead_letter>> dead_letters(std::size_t index, std::size_t limit) const;

 private:
  struct made {
    generation_writer writer;
    bool resumed = false;
    // Seen by who looks, while it is being advanced:
    std::atomic<record_number> at{0};
    std::atomic<std::uint64_t> events{0};

    made(kept_generation kept, const projector_options& how, applying::pause wait, bool was_begun)
        : writer(std::move(kept), how, std::move(wait)), resumed(was_begun) {}
    record_number record() const { return writer.where().at.position.record(); }
    const port::projection_type& what() const { return *writer.kept().what; }
  };

  /// Each up to its goal, or to the journal's end.
  result<rebuild_end> advance(const std::vector<record_number>& goals, const rebuild_look& look);
  void work(made& one, record_number goal, record_stream& stream, std::size_t taker);
  void fail_with(const made* of, failure why);
  bool wait(std::chrono::milliseconds time);
  result<record_number> live_goal(const made& one);

  const std::shared_ptr<shelf> live_;
  journal::journal& from_;
  const rebuild_options how_;
  std::vector<std::unique_ptr<made>> all_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::size_t working_ = 0;
  std::optional<failure> trouble_;
};

}  // namespace quipu::projecting
