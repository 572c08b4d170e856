/// Reads and decodes the records of a journal on a thread of its own, ahead of whoever uses them.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>
#include <thread>
#include <vector>

namespace quipu::tool {

/// Goes on behind what cannot be read. One thread takes; the journal may be used for other things meanwhile.
class read_ahead {
 public:
  struct item {
    journal::stored_record stored;
    journal::result<journal::record_view> view;  ///< of stored.data
  };
  /// Records that the storage does not give.
  struct gap {
    record_number first = 0;
    record_number last = 0;
    journal::failure why;
  };
  /// Some records that follow each other; `then` comes behind them.
  struct chunk {
    std::vector<item> items;
    std::optional<gap> then;
    /// The journal cannot be reached any more: nothing follows.
    std::optional<journal::failure> broken;
  };

  /// A part of the work that the reading thread does too, with every sound record.
  using look = std::function<void(const journal::stored_record&, const journal::record_view&)>;

  /// Records with numbers from `first` to `last`.
  read_ahead(journal::journal& from, record_number first, record_number last, look also = {});
  /// Stops reading.
  ~read_ahead();
  read_ahead(const read_ahead&) = delete;
  read_ahead& operator=(const read_ahead&) = delete;

  /// Waits for the next ones; nothing at the end.
  std::optional<chunk> next();

 private:
  void run();
  chunk read_chunk();
  void step_over(chunk& into, const journal::failure& why);
  bool stopped();

  journal::journal& journal_;
  record_number next_;  ///< the least number that may still come
  const record_number last_;
  const look also_;
  std::unique_ptr<journal::cursor> cursor_;
  std::optional<journal::stored_record> found_;  ///< behind a gap
  bool over_ = false;

  std::mutex guard_;  // of what follows
  std::condition_variable moved_;
  std::deque<chunk> ready_;
  bool ended_ = false;
  bool stop_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace quipu::tool
