#include "client_record.hpp"

#include <quipu/journal/record.hpp>

#include <algorithm>
#include <string_view>

namespace quipu::test {
namespace {

constexpr std::size_t most_findings = 20;

std::size_t index_of(error_kind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

std::string key_of_account(std::uint32_t account) { return "acc-" + std::to_string(account); }

std::uint32_t partition_of_account(std::uint32_t account, std::uint32_t partitions) {
  return journal::partition_of(journal::entity_hash("account", key_of_account(account)), partitions);
}

std::string describe(const bank_command& what) {
  static constexpr std::array<std::string_view, 3> verbs{"open", "deposit", "withdraw"};
  return std::string(verbs[static_cast<std::size_t>(what.verb)]) + " " + std::to_string(what.amount) + ", " +
         key_of_account(what.account) + ", command " + what.id.hex();
}

// `expired` has two meanings, and only one of them is "not done".
bool bank_answer::unknown() const {
  return said == outcome::failed && (kind == error_kind::unknown_outcome || kind == error_kind::expired);
}

void client_record::sending(const bank_command& what) {
  const std::scoped_lock lock(guard_);
  auto& about = commands_[what.id];
  if (about.order == 0) {
    about.told.what = what;
    about.order = ++sendings_;
  }
  about.sent = clock::now();
  ++about.told.under_way;
}

void client_record::answered(command_id which, const bank_answer& said) {
  {
    const std::scoped_lock lock(guard_);
    auto& about = commands_[which];
    if (about.told.under_way == 0 && wrong_.size() < most_findings)
      wrong_.push_back("an answer to a command that waits for none: " + describe(about.told.what));
    about.told.under_way -= about.told.under_way > 0 ? 1 : 0;
    if (said.said == bank_answer::outcome::accepted) {
      take_accepted(about, said);
    } else {
      if (said.said == bank_answer::outcome::rejected) {
        ++rejected_;
      } else {
        ++failed_[index_of(said.kind)];
        failed_text_[index_of(said.kind)] = said.text;
      }
      // A "no" to one sending says nothing of another one that nobody could tell about: those that refuse before they look
      // at the entity do not know. Rejected means that the entity was looked at.
      if (said.unknown() && !about.told.accepted) about.told.unknown = true;
      if (said.said == bank_answer::outcome::rejected) about.told.unknown = false;
      about.told.others.push_back(said);
    }
  }
  changed_.notify_all();
}

void client_record::take_accepted(entry& about, const bank_answer& said) {
  auto& told = about.told;
  if (said.repeat) ++repeats_;
  const auto find = [&](const std::string& what) {
    if (wrong_.size() < most_findings) wrong_.push_back(what + ": " + describe(told.what));
  };
  const bool first = !told.accepted || told.lost;
  if (first) {
    ++accepted_;
    told.accepted = said;
    told.lost = false;
  } else if (said.sequence != told.accepted->sequence || said.position != told.accepted->position ||
             said.balance != told.accepted->balance) {
    find("a repeat was told sequence " + std::to_string(said.sequence) + " position " +
         std::to_string(said.position) + ", at first it was " + std::to_string(told.accepted->sequence) +
         " and " + std::to_string(told.accepted->position));
  } else if (!said.repeat && !told.accepted->repeat) {
    find("took effect twice, as its answers say");
  } else if (!said.repeat) {
    told.accepted->repeat = false;  // the first answer came after its repeat's
  }
  told.unknown = false;
  if (!fault_ended_ || about.sent < *fault_ended_) return;
  auto& when = recovered_[partition_of_account(told.what.account, partitions_)];
  if (!when) when = clock::now();
}

void client_record::clients_died() {
  const std::scoped_lock lock(guard_);
  for (auto& [id, about] : commands_) {
    if (about.told.under_way > 0 && !about.told.accepted) about.told.unknown = true;
    about.told.under_way = 0;
  }
}

void client_record::server_lost_after(record_number kept) {
  const std::scoped_lock lock(guard_);
  for (auto& [id, about] : commands_)
    if (about.told.accepted && position{about.told.accepted->position}.record() > kept)
      about.told.lost = true;
}

std::uint64_t client_record::accepted() const {
  const std::scoped_lock lock(guard_);
  return accepted_;
}

std::uint64_t client_record::failed(error_kind how) const {
  const std::scoped_lock lock(guard_);
  return failed_[index_of(how)];
}

std::string client_record::text_of_failure(error_kind how) const {
  const std::scoped_lock lock(guard_);
  return failed_text_[index_of(how)];
}

bool client_record::wait_for_accepted(std::uint64_t more, std::chrono::milliseconds limit) {
  std::unique_lock lock(guard_);
  return changed_.wait_for(lock, limit, [&, until = accepted_ + more] { return accepted_ >= until; });
}

bool client_record::wait_for_failed(error_kind how, std::uint64_t in_all, std::chrono::milliseconds limit) {
  std::unique_lock lock(guard_);
  return changed_.wait_for(lock, limit, [&] { return failed_[index_of(how)] >= in_all; });
}

std::optional<recovery_times> client_record::wait_for_recovery(std::chrono::milliseconds limit) {
  std::unique_lock lock(guard_);
  const auto ended = clock::now();
  fault_ended_ = ended;
  recovered_.assign(partitions_, std::nullopt);
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

std::vector<bank_command> client_record::unsettled() const {
  const std::scoped_lock lock(guard_);
  std::vector<const entry*> open;
  for (const auto& [id, about] : commands_)
    if (about.told.unknown && about.told.under_way == 0) open.push_back(&about);
  std::ranges::sort(open, {}, &entry::order);
  std::vector<bank_command> list;
  list.reserve(open.size());
  for (const auto* one : open) list.push_back(one->told.what);
  return list;
}

std::vector<told_of_command> client_record::all() const {
  const std::scoped_lock lock(guard_);
  std::vector<told_of_command> list;
  list.reserve(commands_.size());
  for (const auto& [id, about] : commands_) list.push_back(about.told);
  return list;
}

std::vector<std::string> client_record::wrong() const {
  const std::scoped_lock lock(guard_);
  return wrong_;
}

std::string client_record::figures() const {
  const std::scoped_lock lock(guard_);
  std::string text = std::to_string(commands_.size()) + " commands: " + std::to_string(accepted_) +
                     " accepted, " + std::to_string(rejected_) + " rejected, " + std::to_string(repeats_) +
                     " repeats";
  for (std::size_t kind = 0; kind < failed_.size(); ++kind)
    if (failed_[kind] > 0)
      text +=
          ", " + std::to_string(failed_[kind]) + " " + std::string(name_of(static_cast<error_kind>(kind)));
  return text;
}

}  // namespace quipu::test
