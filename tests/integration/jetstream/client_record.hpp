/// What the clients of a bank sent and were told, kept outside of the bank: what a journal is judged by.
#pragma once

#include <quipu/result.hpp>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace quipu::test {

enum class bank_verb : std::uint8_t { open, deposit, withdraw };

struct bank_command {
  command_id id;
  std::uint32_t account = 0;
  bank_verb verb = bank_verb::deposit;
  std::int64_t amount = 0;  ///< of an opening: the length of its owner's name
};

std::string key_of_account(std::uint32_t account);
std::uint32_t partition_of_account(std::uint32_t account, std::uint32_t partitions);
/// For people.
std::string describe(const bank_command& what);

/// One answer to one sending of a command.
struct bank_answer {
  enum class outcome : std::uint8_t { accepted, rejected, failed };
  outcome said = outcome::failed;
  std::uint64_t sequence = 0;
  std::uint64_t position = 0;
  std::int64_t balance = 0;  ///< when accepted
  bool repeat = false;
  error_kind kind = error_kind::unknown_outcome;  ///< when failed
  std::string text;                               ///< of the failure, or the rejection's code

  /// It may have taken effect: asking again tells.
  bool unknown() const;
};

/// All that one command's clients know of it.
struct told_of_command {
  bank_command what;
  std::uint32_t under_way = 0;          ///< sendings without an answer
  bool unknown = false;                 ///< nobody has said yet what became of it
  bool lost = false;                    ///< it was accepted, and the server is known to have lost it since
  std::optional<bank_answer> accepted;  ///< the first such answer
  std::vector<bank_answer> others;      ///< all "no" of any kind
};

/// From the end of a fault to the first answer "accepted", of any partition and of the slowest.
struct recovery_times {
  std::chrono::milliseconds first{0};
  std::chrono::milliseconds slowest{0};
};

/// Any thread. Several loads, runtimes and processes may share one.
class client_record {
 public:
  using clock = std::chrono::steady_clock;

  explicit client_record(std::uint32_t partitions) : partitions_(partitions) {}
  virtual ~client_record() = default;

  /// Before the command is sent; again for a repeat.
  virtual void sending(const bank_command& what);
  virtual void answered(command_id which, const bank_answer& said);
  /// A process of clients is gone: what they waited for nobody will tell them.
  void clients_died();
  /// The server is known to have kept nothing behind this record: what was accepted there is lost.
  void server_lost_after(record_number kept);

  /// Commands accepted for the first time, until now.
  std::uint64_t accepted() const;
  std::uint64_t failed(error_kind how) const;
  /// The newest text of such a failure; empty when there was none.
  std::string text_of_failure(error_kind how) const;
  bool wait_for_accepted(std::uint64_t more, std::chrono::milliseconds limit = std::chrono::seconds{30});
  bool wait_for_failed(error_kind how, std::uint64_t in_all,
                       std::chrono::milliseconds limit = std::chrono::seconds{30});

  /// The fault ends now. Waits until each partition has accepted something that was sent from now on; nothing when that
  /// takes longer than `limit`. One caller at a time.
  std::optional<recovery_times> wait_for_recovery(std::chrono::milliseconds limit);

  /// What nobody knows the outcome of: to be asked again, in the order in which it was sent.
  std::vector<bank_command> unsettled() const;
  /// A copy of everything; nobody should be waiting for an answer.
  std::vector<told_of_command> all() const;
  /// What is wrong by the answers alone: a command that took effect twice, a repeat that was told something else.
  std::vector<std::string> wrong() const;
  /// One line for people.
  std::string figures() const;

 private:
  struct entry {
    told_of_command told;
    std::uint64_t order = 0;
    clock::time_point sent;
  };
  void take_accepted(entry& about, const bank_answer& said);

  const std::uint32_t partitions_;
  mutable std::mutex guard_;
  mutable std::condition_variable changed_;
  std::unordered_map<command_id, entry> commands_;
  std::uint64_t sendings_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t repeats_ = 0;
  std::array<std::uint64_t, 16> failed_{};
  std::array<std::string, 16> failed_text_;
  std::optional<clock::time_point> fault_ended_;
  std::vector<std::optional<clock::time_point>> recovered_;
  std::vector<std::string> wrong_;
};

}  // namespace quipu::test
