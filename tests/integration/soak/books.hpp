/// What the clients of a bank were told, held against its journal as both go on: in memory that does not grow with them.
#pragma once

#include <quipu/result.hpp>

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "client_record.hpp"
#include "journal_fold.hpp"

namespace quipu::test::soak {

struct figures {
  std::uint64_t accepted = 0;  ///< commands
  std::uint64_t rejected = 0;  ///< commands
  std::uint64_t repeats = 0;   ///< answers
  std::uint64_t unknown = 0;   ///< answers: nobody could say at the deadline
  std::uint64_t not_done = 0;  ///< answers
  std::size_t most_open = 0;   ///< commands at once in these books
};

/// A command stands here from its first sending until its clients have their answers and the journal, which somebody
/// follows, was seen to say the same. After that its digest is all that is left of it. Any thread.
class books {
 public:
  explicit books(std::uint32_t accounts) : ledgers_(accounts) {}

  void sending(const bank_command& what);
  /// Likewise, of a command that was accepted so before: it must be told the same.
  void sending_again(const bank_command& what, const bank_answer& told);
  /// True: nobody knows what became of it, so it has to be asked again.
  bool answered(const bank_command& what, const bank_answer& said);
  /// The journal has it, says who reads it in its order.
  void committed(const effect& what, const account_state& after);
  void find(std::string what);

  /// Whether everything that was sent is answered and seen.
  bool settled() const;
  /// What is not, in words, when there is no more to come.
  void close();
  std::vector<std::string> wrong() const;
  soak::figures figures() const;
  /// Of all that was accepted.
  soak::digest told() const;

 private:
  static constexpr std::size_t remembered = 256;
  struct entry {
    bank_command what;
    std::uint32_t under_way = 0;
    std::uint32_t not_repeats = 0;  ///< accepted answers that claim to be the first
    bool unknown = false;
    bool was_accepted = false;
    bool was_seen = false;
    bool was_rejected = false;
    effect told;
    effect seen;
  };
  struct rejection {
    bank_command what;
    std::uint64_t sequence = 0;
    std::string code;
  };
  struct ledger {
    std::uint64_t sequence = 0;
    std::array<account_state, remembered> states{};  ///< after the last so many sequences, as a ring
    std::vector<rejection> waiting;                  ///< for the sequence that they rest on
  };
  using table = std::unordered_map<command_id, entry>;

  void take_accepted(entry& about, const bank_answer& said);
  void compare(const entry& about);
  void check(const rejection& no);
  void note(std::string what);
  void note(const std::string& what, const bank_command& about);
  void clear(table::iterator place);

  mutable std::mutex guard_;
  table open_;
  std::vector<ledger> ledgers_;
  soak::figures figures_;
  digest told_;
  std::vector<std::string> wrong_;
};

}  // namespace quipu::test::soak
