/// What a journal of the bank says of each transfer: read on from where it was read to.
#pragma once

#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace quipu::test {

class transfer_books {
 public:
  /// Reads what is new. Throws std::runtime_error where the journal cannot be read.
  void read(journal::journal& from);

  /// What does not hold: a transfer that was credited or refunded twice, or both, or with another amount, or to somebody
  /// else; money that came out of nothing or went. Empty: all is well.
  const std::vector<std::string>& wrong() const { return wrong_; }
  std::uint64_t sent() const { return transfers_.size(); }
  std::uint64_t credited() const { return credited_; }
  std::uint64_t refunded() const { return refunded_; }
  std::uint64_t on_their_way() const { return sent() - credited_ - refunded_; }
  const std::map<std::string, std::int64_t>& balances() const { return balances_; }

 private:
  struct transfer {
    std::string from;
    std::string to;
    std::int64_t amount = 0;
    int ended = 0;
  };
  void take(const journal::commit_view& commit, const journal::record_view& record);
  void end(const journal::commit_view& commit, const std::string& other, std::int64_t amount, bool credit);
  void check_money();

  record_number read_to_ = 0;
  std::map<id128, transfer> transfers_;  // by the command that sent it
  std::map<std::string, std::int64_t> balances_;
  std::int64_t minted_ = 0;
  std::uint64_t credited_ = 0;
  std::uint64_t refunded_ = 0;
  std::vector<std::string> wrong_;
};

}  // namespace quipu::test
