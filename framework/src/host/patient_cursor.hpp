/// A cursor that does not give up at the first lost connection.
#pragma once

#include <quipu/journal/journal.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace quipu::host {

/// Opens the cursor anew behind the last record when the journal is `unavailable`, with growing waits, for
/// about half a minute; other failures are final. One thread.
class patient_cursor {
 public:
  /// Waits that long; false when there is no more point in it.
  using pause = std::function<bool(std::chrono::milliseconds)>;

  patient_cursor(journal::journal& from, record_number first, std::optional<journal::partition_id> only,
                 pause wait)
      : journal_(from), next_(first), only_(only), wait_(std::move(wait)) {}

  journal::result<std::optional<journal::stored_record>> next() {
    constexpr int attempts_most = 40;
    for (int attempt = 0;; ++attempt) {
      if (!cursor_) cursor_ = journal_.read(next_, only_);
      auto record = cursor_->next();
      if (record) {
        if (*record) next_ = (**record).number + 1;
        return record;
      }
      if (record.error().kind != journal::failure_kind::unavailable || attempt == attempts_most)
        return record;
      cursor_.reset();
      if (!wait_(std::min(std::chrono::milliseconds(20 << std::min(attempt, 6)),
                          std::chrono::milliseconds(1000))))
        return record;
    }
  }

 private:
  journal::journal& journal_;
  record_number next_;
  std::optional<journal::partition_id> only_;
  pause wait_;
  std::unique_ptr<journal::cursor> cursor_;
};

}  // namespace quipu::host
