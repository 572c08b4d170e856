/// A journal in memory: for tests, and for simulators that decide what becomes of every request.
#pragma once

#include <quipu/journal/journal.hpp>
#include <quipu/journal/open.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace quipu::journal::memory {

struct options {
  creation how;
  /// Requests wait until settle() says what becomes of them. Otherwise they are done at once, callbacks
  /// inline.
  bool manual = false;
  /// In place of a random identity and the wall clock's time, so that a seed decides everything.
  std::optional<identity> about;
};

/// What a network, a server or a disk can do to one request. A read knows only done or not done: for it,
/// lose_ack, lose_request, delay_request, refuse and unavailable are all a failure of kind `unavailable`.
enum class fate : std::uint8_t {
  deliver,         ///< decided and answered
  lose_ack,        ///< decided; the caller is told `unknown`
  lose_request,    ///< never decided; the caller is told `unknown`
  late_duplicate,  ///< decided and answered, and the identical request arrives again later (fenced by then)
  delay_request,   ///< the caller is told `unknown` now; the request stays queued and may be decided later
  refuse,          ///< the caller is told `refused`
  unavailable,     ///< the caller is told `unavailable`
};

enum class request_kind : std::uint8_t { append, successor, tail };

/// What a simulator may look at to choose a fate.
struct pending_request {
  request_kind kind = request_kind::append;
  partition_id partition = 0;
  std::uint64_t client = 0;
  bool awaited =
      true;  ///< false: nobody waits for the answer any more (a duplicate, a delayed or a crashed one)
};

/// What a crash of a client does to its requests: its callbacks never run in either case.
enum class crash : std::uint8_t {
  keep_requests,  ///< they are on the wire and may still be decided
  drop_requests,  ///< they never left
};

/// Thread-safe. Callbacks run on the thread that calls append() and its siblings (or settle()), with no lock
/// held. The destructor answers what still waits: `unknown` to appends, `unavailable` to reads.
class memory_journal final : public journal {
 public:
  explicit memory_journal(const options& how = {});
  ~memory_journal() override;
  memory_journal(const memory_journal&) = delete;
  memory_journal& operator=(const memory_journal&) = delete;

  const identity& about() const override { return about_; }
  void append(partition_id partition, record_number expected, std::shared_ptr<const bytes> record,
              append_callback done) override;
  void successor(partition_id partition, record_number tail, record_callback done) override;
  void tail(partition_id partition, record_callback done) override;
  std::unique_ptr<cursor> read(record_number from, std::optional<partition_id> only) override;
  result<void> put_schema(const stored_schema& schema) override;
  result<std::vector<stored_schema>> schemas() override;
  result<summary> summarize() override;

  /// \name For simulators (manual mode)
  /// @{

  /// Requests made from now on are this client's, until it is called again. Set it before each step of a
  /// client.
  void act_as(std::uint64_t client);
  std::size_t pending() const;
  /// `index` < pending(); the oldest request is number 0.
  pending_request look(std::size_t index) const;
  /// Decides request `index` < pending() and runs its callback, which may make new requests. A late_duplicate
  /// or delay_request goes to the end of the queue; what nobody awaits is not duplicated once more, so a
  /// simulation that settles everything ends.
  void settle(std::size_t index, fate what);
  /// The client is gone: its callbacks are destroyed unrun.
  void forget_client(std::uint64_t client, crash what);
  /// All clients are gone.
  void forget_all(crash what);

  /// Everything stored so far survives lose_unflushed(). Schemas and the identity always do.
  void flush();
  /// What a power cut does where acks come before the disk: the records after the last flush() are gone and
  /// their numbers will be given again. Requests that are pending stay.
  void lose_unflushed();

  /// @}

 private:
  class log_cursor;

  struct request {
    pending_request what;
    record_number number = 0;  ///< the expected tail, or the tail to look behind
    std::shared_ptr<const bytes> record;
    append_callback on_append;
    record_callback on_record;
  };
  /// A request's answer and who gets it; told after the lock was released.
  struct verdict {
    request asked;
    append_result append;
    result<std::optional<stored_record>> record;
    void tell();
  };

  void admit(request&& asked);
  verdict decide_locked(request&& asked);
  append_result append_locked(const request& asked);
  result<std::optional<stored_record>> read_locked(const request& asked) const;
  std::optional<stored_record> next_locked(record_number from, std::optional<partition_id> only) const;
  static verdict without_deciding(request&& asked, append_status status, const char* why);
  void forget_locked(std::optional<std::uint64_t> client, crash what);

  const bool manual_;
  const identity about_;
  mutable std::mutex mutex_;
  std::vector<stored_record> log_;  ///< record number n at index n - 1
  std::vector<std::vector<record_number>> by_partition_;
  std::size_t flushed_ = 0;
  std::map<id128, bytes> schemas_;
  std::deque<request> queue_;
  std::uint64_t client_ = 0;
};

}  // namespace quipu::journal::memory
