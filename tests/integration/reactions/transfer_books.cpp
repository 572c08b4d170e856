#include "transfer_books.hpp"

#include <quipu/table.hpp>

#include <stdexcept>

#include "bank_quipu.hpp"

namespace quipu::test {

void transfer_books::read(journal::journal& from) {
  const auto cursor = from.read(read_to_ + 1);
  for (;;) {
    auto record = cursor->next();
    if (!record) throw std::runtime_error("read: " + record.error().text);
    if (!*record) break;
    const auto view = journal::record_view::decode((*record)->data);
    if (!view) throw std::runtime_error("decode: " + view.error().text);
    for (std::uint32_t i = 0; i < view->commit_count(); ++i) take(view->commit_at(i), *view);
    read_to_ = (*record)->number;
  }
  check_money();
}

void transfer_books::take(const journal::commit_view& commit, const journal::record_view& record) {
  const std::string key(commit.key);
  for (std::uint32_t i = 0; i < commit.event_count; ++i) {
    const auto event = commit.event(i);
    const auto type = record.type(event.type).name;
    if (type == "bank.Deposited") {
      const auto e = unpack<bank::DepositedT>(event.payload);
      balances_[key] += e.amount;
      minted_ += e.amount;
    } else if (type == "bank.TransferSent") {
      auto e = unpack<bank::TransferSentT>(event.payload);
      balances_[key] -= e.amount;
      if (balances_[key] < 0) wrong_.push_back(key + " sent what it had not");
      if (!transfers_.try_emplace(commit.command, transfer{key, e.to, e.amount}).second)
        wrong_.push_back("command " + commit.command.hex() + " took effect twice");
    } else if (type == "bank.TransferReceived") {
      const auto e = unpack<bank::TransferReceivedT>(event.payload);
      balances_[key] += e.amount;
      end(commit, e.from, e.amount, true);
    } else if (type == "bank.TransferRefunded") {
      const auto e = unpack<bank::TransferRefundedT>(event.payload);
      balances_[key] += e.amount;
      end(commit, e.to, e.amount, false);
    }
  }
}

void transfer_books::end(const journal::commit_view& commit, const std::string& other, std::int64_t amount,
                         bool credit) {
  const std::string key(commit.key);
  const auto found = transfers_.find(commit.causation);
  const auto what = std::string(credit ? "credit" : "refund") + " of " + key + " at " +
                    std::to_string(commit.first_sequence);
  if (found == transfers_.end()) {
    wrong_.push_back(what + " for a transfer that nobody sent");
    return;
  }
  auto& one = found->second;
  const bool fits = amount == one.amount &&
                    (credit ? key == one.to && other == one.from : key == one.from && other == one.to);
  if (!fits) wrong_.push_back(what + " is not of its transfer");
  if (++one.ended > 1) wrong_.push_back(what + " is not the first");
  ++(credit ? credited_ : refunded_);
}

void transfer_books::check_money() {
  std::int64_t sum = 0;
  for (const auto& [key, amount] : balances_) sum += amount;
  for (const auto& [id, one] : transfers_)
    if (one.ended == 0) sum += one.amount;
  if (sum != minted_)
    wrong_.push_back("in accounts and on its way are " + std::to_string(sum) + ", and it should be " +
                     std::to_string(minted_));
}

}  // namespace quipu::test
