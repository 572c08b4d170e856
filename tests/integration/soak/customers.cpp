#include "customers.hpp"

#include <algorithm>
#include <string>

#include "account.hpp"
#include "support/seed.hpp"

namespace quipu::test::soak {
namespace {

using namespace std::chrono_literals;
using samples::account;

constexpr std::uint32_t most_under_way_each = 4;
constexpr std::size_t most_under_way = 2'000;
constexpr auto between_turns = 4ms;
constexpr auto before_asking_again = 200ms;

}  // namespace

customers::customers(soak::books& books, std::mt19937_64 random, habits how)
    : books_(books), random_(random), how_(how), customers_(how.accounts) {
  thread_ = std::thread([this] { work(); });
}

customers::~customers() {
  {
    const std::scoped_lock lock(guard_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void customers::send_to(runtime* bank) {
  std::unique_lock lock(guard_);
  bank_ = bank;
  changed_.wait(lock, [this] { return !sending_; });
}

void customers::stop_inventing() {
  const std::scoped_lock lock(guard_);
  inventing_ = false;
}

bool customers::wait_until_told(std::chrono::milliseconds limit) {
  std::unique_lock lock(guard_);
  return changed_.wait_for(lock, limit, [this] { return under_way_ == 0 && again_.empty(); });
}

std::optional<recovery_times> customers::wait_for_recovery(std::chrono::milliseconds limit) {
  std::unique_lock lock(guard_);
  const auto ended = clock::now();
  fault_ended_ = ended;
  recovered_.assign(how_.partitions, std::nullopt);
  const bool in_time = changed_.wait_for(lock, limit, [&] {
    return std::ranges::all_of(recovered_, [](const auto& when) { return when.has_value(); });
  });
  fault_ended_.reset();
  if (!in_time) return std::nullopt;
  const auto [first, last] = std::ranges::minmax(recovered_);
  const auto since = [&](const auto& when) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(*when - ended);
  };
  return recovery_times{since(first), since(last)};
}

// Every few milliseconds as many as that time is worth. Time in which nothing could be sent is not made up for.
void customers::work() {
  std::unique_lock lock(guard_);
  double worth = 0;
  auto last = clock::now();
  while (!stopping_) {
    changed_.wait_until(lock, last + between_turns, [this] { return stopping_; });
    const auto now = clock::now();
    worth += std::chrono::duration<double>(now - last).count() * how_.rate;
    worth = std::min(worth, how_.rate * 0.05);
    last = now;
    order what;
    while (worth >= 1 && bank_ != nullptr && !stopping_ && next(what)) {
      worth -= 1;
      sending_ = true;
      auto& bank = *bank_;
      ++under_way_;
      ++customers_[what.what.account].under_way;
      lock.unlock();
      send(bank, what);
      lock.lock();
      sending_ = false;
      changed_.notify_all();
    }
  }
}

bool customers::next(order& out) {
  if (under_way_ >= most_under_way) return false;
  if (!again_.empty() && again_.front().not_before <= clock::now()) {
    out = again_.front();
    again_.pop_front();
    return true;
  }
  return inventing_ && invent(out);
}

bool customers::invent(order& out) {
  const auto dice = between(random_, 0, 99);
  if (dice < 2 && recent_count_ > 0) {  // a client that had its answer and does not know it any more
    const auto& [what, told] = recent_[between(random_, 0, std::min(recent_count_, recent_.size()) - 1)];
    out = {.what = what, .repeat = true, .told = told, .not_before = {}};
    return true;
  }
  for (int attempt = 0; attempt < 8; ++attempt) {
    const auto number = static_cast<std::uint32_t>(between(random_, 0, how_.accounts - 1));
    const auto& who = customers_[number];
    if (who.unknown > 0 || who.under_way >= most_under_way_each) continue;
    out = {.what = {.id = runtime::new_command_id(), .account = number}, .told = {}, .not_before = {}};
    out.what.amount = static_cast<std::int64_t>(between(random_, 1, 1'000));
    if (!who.is_open || dice < 4) {  // who opens twice is rejected
      out.what.verb = bank_verb::open;
      out.what.amount = 8;
    } else if (dice < 40) {  // and who withdraws too much
      out.what.verb = bank_verb::withdraw;
    }
    return true;
  }
  return false;
}

void customers::send(runtime& bank, const order& what) {
  if (what.repeat)
    books_.sending_again(what.what, what.told);
  else
    books_.sending(what.what);
  switch (what.what.verb) {
    case bank_verb::open:
      return ask(bank, what, bank::OpenT{.owner = std::string(8, 'o')});
    case bank_verb::deposit:
      return ask(bank, what, bank::DepositT{.amount = what.what.amount});
    case bank_verb::withdraw:
      return ask(bank, what, bank::WithdrawT{.amount = what.what.amount});
  }
}

template <class C>
void customers::ask(runtime& bank, const order& what, C command) {
  bank.ask<account>(key_of_account(what.what.account), std::move(command),
                    {.command = what.what.id, .deadline = how_.deadline},
                    [this, what, sent = clock::now()](result<answer<bank::BalanceT>>&& got) {
                      bank_answer said;
                      if (!got) {
                        said.kind = got.error().kind;
                      } else {
                        said.sequence = got->sequence;
                        said.position = got->position.value;
                        said.repeat = got->repeat;
                        said.said =
                            got->accepted() ? bank_answer::outcome::accepted : bank_answer::outcome::rejected;
                        if (got->accepted())
                          said.balance = got->value().amount;
                        else
                          said.text = got->rejected().code;
                      }
                      take(what, said, sent);
                    });
}

void customers::take(const order& what, const bank_answer& said, clock::time_point sent) {
  const auto& command = what.what;
  const bool unknown = books_.answered(command, said);
  // Notified under the lock: whoever waits for the last answer may be gone with this object at once.
  const std::scoped_lock lock(guard_);
  --under_way_;
  auto& who = customers_[command.account];
  --who.under_way;
  if (unknown)
    again_.push_back(
        {.what = command, .again = true, .told = {}, .not_before = clock::now() + before_asking_again});
  if (unknown && !what.again) ++who.unknown;
  if (!unknown && what.again) --who.unknown;
  if (said.said == bank_answer::outcome::accepted) {
    who.is_open = true;
    recent_[recent_count_++ % recent_.size()] = {command, said};
    if (fault_ended_ && sent >= *fault_ended_) {
      auto& when = recovered_[partition_of_account(command.account, how_.partitions)];
      if (!when) when = clock::now();
    }
  }
  if (under_way_ == 0 || fault_ended_) changed_.notify_all();
}

}  // namespace quipu::test::soak
