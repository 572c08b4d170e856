/// Where the records of a journal lie in its copy.
#pragma once

#include <optional>
#include <quipu/journal/command_source.hpp>
#include <quipu/journal/position.hpp>
#include <vector>

namespace quipu::tool {

/// Runs of records that keep their distance: most journals take a handful of them, however many records they have.
class position_map {
 public:
  /// Both numbers grow from call to call.
  void add(record_number from, record_number to);

  /// The source as the copy says it. Its event is a record that was added, or nothing comes back. What is settled may lie
  /// anywhere: up to there the same events are settled in the copy.
  std::optional<command_source> translate(const command_source& source) const;

 private:
  struct run {
    record_number from = 0;
    record_number to = 0;
    std::uint64_t count = 0;
  };
  const run* at_or_before(record_number from) const;

  std::vector<run> runs_;
};

}  // namespace quipu::tool
