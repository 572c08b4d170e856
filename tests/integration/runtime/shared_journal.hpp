/// Journals for tests: one that survives its runtime, and one that stops answering.
#pragma once

#include <quipu/journal/journal.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace quipu::test {

/// What a runtime owns stays in memory when the runtime is gone. While it stalls, appends (of one partition
/// or of all) wait until it goes on; reads too.
class shared_journal final : public journal::journal {
 public:
  struct switches {
    std::mutex guard;
    bool stalled = false;
    std::optional<quipu::journal::partition_id> only;
    std::vector<std::move_only_function<void()>> held;

    void stall(std::optional<quipu::journal::partition_id> partition = std::nullopt) {
      const std::scoped_lock lock(guard);
      stalled = true;
      only = partition;
    }
    void go_on() {
      std::vector<std::move_only_function<void()>> rest;
      {
        const std::scoped_lock lock(guard);
        stalled = false;
        rest.swap(held);
      }
      for (auto& one : rest) one();
    }
  };

  shared_journal(std::shared_ptr<quipu::journal::journal> inner, std::shared_ptr<switches> control)
      : inner_(std::move(inner)), control_(std::move(control)) {}
  ~shared_journal() override { control_->go_on(); }

  const quipu::journal::identity& about() const override { return inner_->about(); }
  void append(quipu::journal::partition_id partition, record_number expected,
              std::shared_ptr<const bytes> record, quipu::journal::append_callback done) override {
    pass(partition,
         [this, partition, expected, record = std::move(record), done = std::move(done)]() mutable {
           inner_->append(partition, expected, std::move(record), std::move(done));
         });
  }
  void successor(quipu::journal::partition_id partition, record_number tail,
                 quipu::journal::record_callback done) override {
    pass(partition, [this, partition, tail, done = std::move(done)]() mutable {
      inner_->successor(partition, tail, std::move(done));
    });
  }
  void tail(quipu::journal::partition_id partition, quipu::journal::record_callback done) override {
    pass(partition,
         [this, partition, done = std::move(done)]() mutable { inner_->tail(partition, std::move(done)); });
  }
  std::unique_ptr<quipu::journal::cursor> read(record_number from,
                                               std::optional<quipu::journal::partition_id> only) override {
    return inner_->read(from, only);
  }
  quipu::journal::result<void> put_schema(const quipu::journal::stored_schema& schema) override {
    return inner_->put_schema(schema);
  }
  quipu::journal::result<std::vector<quipu::journal::stored_schema>> schemas() override {
    return inner_->schemas();
  }
  quipu::journal::result<quipu::journal::summary> summarize() override { return inner_->summarize(); }

 private:
  void pass(quipu::journal::partition_id partition, std::move_only_function<void()> request) {
    {
      const std::scoped_lock lock(control_->guard);
      if (control_->stalled && (!control_->only || *control_->only == partition)) {
        control_->held.push_back(std::move(request));
        return;
      }
    }
    request();
  }

  std::shared_ptr<quipu::journal::journal> inner_;
  std::shared_ptr<switches> control_;
};

}  // namespace quipu::test
