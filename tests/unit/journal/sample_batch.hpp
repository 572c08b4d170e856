/// Commits to put into records: random ones, and a fixed one whose bytes are known.
#pragma once

#include <quipu/journal/record.hpp>

#include <deque>
#include <random>
#include <string>
#include <vector>

namespace quipu::test {

/// Owns everything that its commits refer to.
class sample_batch {
 public:
  static sample_batch fixed();
  static sample_batch random(std::mt19937_64& source);

  const std::vector<journal::commit>& commits() const { return commits_; }
  const journal::batch_stamp& stamp() const { return stamp_; }
  std::shared_ptr<const bytes> seal() const;

 private:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  std::deque<std::string> texts_;
  std::deque<std::vector<journal::typed_bytes>> events_;
  std::deque<std::vector<journal::header_view>> headers_;
  std::vector<journal::commit> commits_;
  journal::batch_stamp stamp_;
};

/// Whether the record reads back as exactly these commits and this stamp; gtest failures say what differs.
void expect_same(const sample_batch& wanted, const journal::record_view& read);

}  // namespace quipu::test
