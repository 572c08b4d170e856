/// A bank whose journal has three copies, and what is done to the three.
#pragma once

#include <gtest/gtest.h>
#include <quipu/runtime.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bank_load.hpp"
#include "client_record.hpp"
#include "support/nats_cluster.hpp"
#include "support/temporary_directory.hpp"

namespace quipu::test {

/// A cluster, a runtime and its load, each test's own; skipped where there is no build of nats-server for it. Each test
/// ends with expect_true_books().
class cluster_bank : public testing::Test {
 protected:
  static constexpr std::uint32_t partitions = 4;
  static constexpr const char* journal = "bank";
  static constexpr std::chrono::seconds patience{60};

  void SetUp() override;
  void TearDown() override;

  /// Another runtime of this journal, in a directory of its own; null after a failure that is reported.
  std::unique_ptr<runtime> open_another(bool take_over, const std::string& directory);
  /// A load begins, and has its first answers.
  void start_load(load_options how = {});
  bank_load& load() { return *load_; }

  /// The fault has ended now: work goes on by itself, in every partition.
  void expect_recovery(const std::string& after_what);
  void expect_true_books();

  std::size_t leader() { return cluster_->wait_for_leader_of(journal); }
  /// To which member the runtime is connected; waits for it.
  std::size_t connected_to();
  /// Makes the member that the runtime is connected to the stream's leader, or another one.
  void move_leader(bool to_where_it_is_connected);
  /// The members besides this one.
  static std::vector<std::size_t> others(std::size_t than);
  void bring_back(std::size_t member);

  std::unique_ptr<nats_cluster> cluster_;
  client_record record_{partitions};
  temporary_directory here_;
  std::unique_ptr<runtime> bank_;
  std::vector<std::uint32_t> superseded_;  ///< partitions, as the first runtime was told
  std::mutex guard_;

 private:
  std::unique_ptr<bank_load> load_;
};

}  // namespace quipu::test
