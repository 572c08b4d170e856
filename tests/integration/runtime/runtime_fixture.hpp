/// A node's directory and journal, opened as often as a test likes.
#pragma once

#include <quipu/journal/open.hpp>
#include <quipu/journal/record.hpp>
#include <quipu/runtime.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared_journal.hpp"
#include "support/temporary_directory.hpp"
#include "trial_domain.hpp"

namespace quipu::test {

using namespace std::chrono_literals;
using total = result<answer<trial::TotalT>>;

class node_place {
 public:
  /// `memory:` journals live as long as the place; `lmdb:` ones in its directory.
  explicit node_place(std::string url = "memory:", std::uint32_t partitions = 4) : url_(std::move(url)) {
    defaults.partitions = partitions;
    defaults.threads = 2;
    defaults.deadline = 60s;
    if (url_ != "memory:") return;
    auto opened = journal::open_or_create(url_, {.partitions = partitions});
    if (!opened) throw std::runtime_error(opened.error().text);
    memory_ = std::move(*opened);
  }

  result<runtime> try_open(options how, caf::actor_system* actors = nullptr) {
    how.directory = directory / "node";
    how.journal = url_;
    if (!memory_) return runtime::open(trial_domain(), std::move(how), actors);
    return runtime::open(trial_domain(), std::make_unique<shared_journal>(memory_, control), std::move(how),
                         actors);
  }
  runtime open(options how) {
    auto opened = try_open(std::move(how));
    if (!opened) throw std::runtime_error(opened.error().text);
    return std::move(*opened);
  }
  runtime open() { return open(defaults); }
  /// A second node on the same journal, which only `memory:` ones allow.
  runtime open_beside(options how, std::filesystem::path elsewhere) {
    how.directory = std::move(elsewhere);
    auto opened =
        runtime::open(trial_domain(), std::make_unique<shared_journal>(memory_, control), std::move(how));
    if (!opened) throw std::runtime_error(opened.error().text);
    return std::move(*opened);
  }
  std::filesystem::path checkpoint_file() const { return directory / "node" / "checkpoints" / "data.mdb"; }

  temporary_directory directory;
  options defaults;
  std::shared_ptr<shared_journal::switches> control = std::make_shared<shared_journal::switches>();

 private:
  std::string url_;
  std::shared_ptr<journal::journal> memory_;
};

inline trial::AddT add(std::int64_t amount, trial::Mischief mischief = trial::Mischief::none) {
  return {.amount = amount, .mischief = mischief};
}

inline std::uint32_t partition_of_counter(const std::string& key, std::uint32_t partitions) {
  return journal::partition_of(journal::entity_hash("counter", key), partitions);
}
/// A key that lies in that partition.
inline std::string key_in(std::uint32_t partition, std::uint32_t partitions,
                          const std::string& prefix = "key") {
  for (int i = 0;; ++i) {
    auto key = prefix + "-" + std::to_string(i);
    if (partition_of_counter(key, partitions) == partition) return key;
  }
}

/// The value of an accepted answer; what went wrong as a test failure.
inline std::int64_t value_of(const total& got) {
  if (!got) {
    ADD_FAILURE() << name_of(got.error().kind) << ": " << got.error().text;
    return -1;
  }
  if (!got->accepted()) {
    ADD_FAILURE() << "rejected: " << got->rejected().code;
    return -1;
  }
  return got->value().value;
}

inline std::string all_notes(const node_status& status) {
  std::string text;
  for (const auto& note : status.notes) text += note + "\n";
  for (const auto& one : status.partitions)
    for (const auto& note : one.notes) text += note + "\n";
  return text;
}

}  // namespace quipu::test
