#include "bank_load.hpp"

#include "account.hpp"
#include "support/seed.hpp"

#include <algorithm>
#include <utility>

namespace quipu::test {
namespace {

using samples::account;
using clock = std::chrono::steady_clock;

}  // namespace

quipu::domain bank_domain() { return quipu::domain{"bank", quipu::entities<account>}; }

bank_load::bank_load(runtime& on, client_record& record, std::mt19937_64 random, load_options how)
    : on_(on), record_(record), random_(random), how_(how), opened_(how.accounts, false) {}

bank_load::~bank_load() { finish(); }

void bank_load::start() {
  finish();
  finishing_ = false;
  thread_ = std::thread([this] { work(); });
}

void bank_load::finish() {
  {
    const std::scoped_lock lock(guard_);
    finishing_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  wait_for_answers();
}

void bank_load::wait_for_answers() {
  std::unique_lock lock(guard_);
  changed_.wait(lock, [this] { return under_way_ == 0; });
}

void bank_load::work() {
  std::unique_lock lock(guard_);
  for (;;) {
    changed_.wait(lock, [this] { return finishing_ || under_way_ < how_.outstanding; });
    if (!finishing_ && clock::now() < not_before_)
      changed_.wait_until(lock, not_before_, [this] { return finishing_; });
    if (finishing_) return;
    if (under_way_ >= how_.outstanding) continue;
    bank_command next;
    if (again_.empty()) {
      next = invent();
    } else {
      next = again_.front();
      again_.pop_front();
    }
    lock.unlock();
    send(next);
    lock.lock();
  }
}

bank_command bank_load::invent() {
  const auto which = static_cast<std::uint32_t>(between(random_, 0, how_.accounts - 1));
  bank_command made{.id = runtime::new_command_id(), .account = how_.first_account + which};
  made.amount = static_cast<std::int64_t>(between(random_, 1, 1'000));
  const auto dice = between(random_, 0, 99);
  if (!opened_[which] || dice < 2) {  // who opens twice is rejected
    opened_[which] = true;
    made.verb = bank_verb::open;
    made.amount = 8;
  } else if (dice < 30) {  // and who withdraws too much
    made.verb = bank_verb::withdraw;
  }
  return made;
}

void bank_load::send(const bank_command& what) {
  {
    const std::scoped_lock lock(guard_);
    ++under_way_;
  }
  record_.sending(what);
  switch (what.verb) {
    case bank_verb::open:
      return ask(what, bank::OpenT{.owner = std::string(static_cast<std::size_t>(what.amount), 'o')});
    case bank_verb::deposit:
      return ask(what, bank::DepositT{.amount = what.amount});
    case bank_verb::withdraw:
      return ask(what, bank::WithdrawT{.amount = what.amount});
  }
}

template <class C>
void bank_load::ask(const bank_command& what, C command) {
  on_.ask<account>(
      key_of_account(what.account), std::move(command), {.command = what.id, .deadline = how_.deadline},
      [this, what](result<answer<bank::BalanceT>>&& got) {
        bank_answer said;
        if (!got) {
          said.kind = got.error().kind;
          said.text = got.error().text;
        } else {
          said.sequence = got->sequence;
          said.position = got->position.value;
          said.repeat = got->repeat;
          said.said = got->accepted() ? bank_answer::outcome::accepted : bank_answer::outcome::rejected;
          if (got->accepted())
            said.balance = got->value().amount;
          else
            said.text = got->rejected().code;
        }
        take(what, said);
      });
}

void bank_load::take(const bank_command& what, const bank_answer& said) {
  record_.answered(what.id, said);
  // Notified under the lock: whoever waits for the last answer may be gone with this object at once.
  const std::scoped_lock lock(guard_);
  --under_way_;
  if (said.said == bank_answer::outcome::failed) {
    if (!said.unknown()) not_before_ = clock::now() + how_.pause_after_no;
    if (said.unknown() && how_.ask_again && said.kind == error_kind::unknown_outcome) again_.push_back(what);
    if (said.kind == error_kind::not_open) finishing_ = true;
    if (what.verb == bank_verb::open && what.account >= how_.first_account &&
        what.account - how_.first_account < how_.accounts)
      opened_[what.account - how_.first_account] = false;
  }
  changed_.notify_all();
}

bool bank_load::settle(std::chrono::milliseconds limit) {
  const auto until = clock::now() + limit;
  for (;;) {
    const auto open = record_.unsettled();
    if (open.empty()) return true;
    if (clock::now() > until) return false;
    for (const auto& one : open) send(one);
    wait_for_answers();
    // Forgotten ids stay unknown for ever: the journal alone tells.
    bool forgotten_only = true;
    for (const auto& told : record_.all())
      if (told.unknown)
        forgotten_only &= !told.others.empty() && told.others.back().kind == error_kind::expired;
    if (forgotten_only) return true;
  }
}

}  // namespace quipu::test
