/// A journal in which a test changes what readers meet. It passes on what is asked, and takes nothing.
#pragma once

#include <quipu/journal/journal.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace quipu::test {

/// `real` must outlive it.
class wrapped_journal : public journal::journal {
 public:
  explicit wrapped_journal(journal& real) : real_(real) {}

  const quipu::journal::identity& about() const override { return real_.about(); }
  void append(quipu::journal::partition_id, record_number, std::shared_ptr<const bytes>,
              quipu::journal::append_callback) override {}
  void successor(quipu::journal::partition_id, record_number, quipu::journal::record_callback) override {}
  void tail(quipu::journal::partition_id, quipu::journal::record_callback) override {}
  std::unique_ptr<quipu::journal::cursor> read(record_number from,
                                               std::optional<quipu::journal::partition_id> only) override {
    return wrapped(real_.read(from, only));
  }
  quipu::journal::result<void> put_schema(const quipu::journal::stored_schema&) override { return {}; }
  quipu::journal::result<std::vector<quipu::journal::stored_schema>> schemas() override {
    return real_.schemas();
  }
  quipu::journal::result<quipu::journal::summary> summarize() override { return real_.summarize(); }

 protected:
  virtual std::unique_ptr<quipu::journal::cursor> wrapped(std::unique_ptr<quipu::journal::cursor> real) = 0;

 private:
  journal& real_;
};

}  // namespace quipu::test
