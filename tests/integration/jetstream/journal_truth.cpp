#include "journal_truth.hpp"

#include <quipu/journal/open.hpp>
#include <quipu/journal/record.hpp>

#include "bank_quipu.hpp"
#include "support/waiting.hpp"

#include <charconv>
#include <chrono>

namespace quipu::test {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t most_named = 20;

class reader {
 public:
  explicit reader(journal_truth& into) : into_(into) {}

  void find(std::string what) {
    if (into_.wrong.size() < most_named) into_.wrong.push_back(std::move(what));
  }

  void take(const journal::stored_record& stored) {
    const auto name = "record " + std::to_string(stored.number);
    const auto record = journal::record_view::decode(stored.data);
    if (!record) return find(name + ": " + record.error().text);
    ++into_.records;
    into_.last = stored.number;
    const auto stamp = record->stamp();
    auto& mine = lanes_[stored.partition];
    if (stamp.previous != mine.sum) find(name + " does not follow on its partition's last");
    mine.sum = record->sum();
    if (stamp.epoch < mine.epoch) find(name + " is of an epoch that was over");
    if (stamp.epoch > mine.epoch && !record->is_claim()) find(name + " begins an epoch and is no claim");
    mine.epoch = stamp.epoch;
    into_.claims[stored.partition] += record->is_claim() ? 1 : 0;
    for (std::uint32_t i = 0; i < record->commit_count(); ++i)
      take(*record, record->commit_at(i), stored.number);
  }

 private:
  struct lane {
    checksum sum;
    std::uint64_t epoch = 0;
  };

  void take(const journal::record_view& record, const journal::commit_view& commit, record_number number) {
    const auto name = "record " + std::to_string(number);
    std::uint32_t account = 0;
    std::from_chars(commit.key.data() + 4, commit.key.data() + commit.key.size(), account);
    auto& states = into_.accounts[account];
    if (states.empty()) states.emplace_back();
    if (commit.first_sequence != states.size() || commit.event_count != 1)
      find(name + ": account " + std::to_string(account) + " is at sequence " +
           std::to_string(states.size() - 1) + ", and " + std::to_string(commit.first_sequence) +
           " comes next");
    auto state = states.back();
    const auto event = commit.event(0);
    apply(record.type(event.type).name, event.payload, state);
    states.push_back(state);
    const auto [place, first] = into_.commits.emplace(
        commit.command,
        journal_truth::commit{account, commit.last_sequence(),
                              position::of(number, commit.first_event + commit.event_count - 1).value,
                              state.balance});
    if (!first) find(name + ": command " + commit.command.hex() + " took effect a second time");
  }

  void apply(std::string_view type, bytes_view payload, account_state& state) {
    if (type == "bank.Opened")
      state = {.open = true, .balance = 0};
    else if (type == "bank.Deposited")
      state.balance += flatbuffers::GetRoot<bank::Deposited>(payload.data())->amount();
    else if (type == "bank.Withdrawn")
      state.balance -= flatbuffers::GetRoot<bank::Withdrawn>(payload.data())->amount();
    else
      find("an event of an unknown type: " + std::string(type));
  }

  journal_truth& into_;
  std::map<journal::partition_id, lane> lanes_;
};

std::string expected_rejection(const bank_command& what, const account_state& state) {
  if (what.verb == bank_verb::open) return state.open ? "exists" : "";
  if (!state.open) return "not_found";
  if (what.verb == bank_verb::withdraw && what.amount > state.balance) return "insufficient_funds";
  return "";
}

class judge {
 public:
  explicit judge(const journal_truth& truth) : truth_(truth) {}

  void look_at(const told_of_command& told) {
    const auto place = truth_.commits.find(told.what.id);
    const auto* there = place == truth_.commits.end() ? nullptr : &place->second;
    if (told.under_way > 0) find("it was never answered", told);
    if (told.accepted && !told.lost)
      look_at_accepted(told, there);
    else if (there != nullptr && !told.unknown && !told.lost)
      find("it took effect, though its clients were told \"" + last_no(told) + "\"", told);
    else if (there != nullptr && told.lost)
      find("the server had lost it, and it is there again", told);
    for (const auto& no : told.others)
      if (no.said == bank_answer::outcome::rejected) look_at_rejection(told, no);
  }

  std::vector<std::string> findings;
  bool losses = false;  ///< the server lost records: their clients saw states that are no more

 private:
  void find(const std::string& what, const told_of_command& about) {
    if (findings.size() < most_named) findings.push_back(what + ": " + describe(about.what));
  }

  static std::string last_no(const told_of_command& told) {
    if (told.others.empty()) return "nothing";
    const auto& last = told.others.back();
    return last.said == bank_answer::outcome::rejected ? "rejected: " + last.text
                                                       : std::string(name_of(last.kind)) + ": " + last.text;
  }

  void look_at_accepted(const told_of_command& told, const journal_truth::commit* there) {
    const auto& said = *told.accepted;
    if (there == nullptr)
      return find("it was accepted at position " + std::to_string(position{said.position}.record()) + "/" +
                      std::to_string(position{said.position}.index()) + ", and the journal does not have it",
                  told);
    if (there->sequence != said.sequence || there->position != said.position ||
        there->balance != said.balance || there->account != told.what.account)
      find("told sequence " + std::to_string(said.sequence) + ", record " +
               std::to_string(position{said.position}.record()) + ", balance " +
               std::to_string(said.balance) + "; the journal says " + std::to_string(there->sequence) + ", " +
               std::to_string(position{there->position}.record()) + ", " + std::to_string(there->balance),
           told);
  }

  void look_at_rejection(const told_of_command& told, const bank_answer& no) {
    static const std::vector<account_state> never(1);
    const auto known = truth_.accounts.find(told.what.account);
    const auto& states = known == truth_.accounts.end() ? never : known->second;
    if (no.sequence >= states.size()) {
      if (!losses) find("rejected on sequence " + std::to_string(no.sequence) + ", which it never had", told);
      return;
    }
    const auto right = expected_rejection(told.what, states[no.sequence]);
    if (!losses && no.text != right)
      find("rejected with " + no.text + " where \"" + right + "\" was right", told);
  }

  const journal_truth& truth_;
};

}  // namespace

journal_truth read_journal(std::string_view url) {
  journal_truth truth;
  reader all(truth);
  journal::result<std::unique_ptr<journal::journal>> opened;
  const auto answered = [&] {
    opened = journal::open(url, {.mode = journal::access::read});
    return opened || opened.error().kind != journal::failure_kind::unavailable;
  };
  wait_until(answered, 10s, 50ms);
  if (!opened) {
    all.find("the journal can't be opened: " + opened.error().text);
    return truth;
  }
  const auto cursor = (*opened)->read(1);
  for (;;) {
    const auto stored = cursor->next();
    if (!stored) all.find("reading the journal: " + stored.error().text);
    if (!stored || !*stored) return truth;
    all.take(**stored);
  }
}

std::vector<std::string> lies(const client_record& record, const journal_truth& truth) {
  judge all(truth);
  const auto commands = record.all();
  for (const auto& told : commands) all.losses |= told.lost;
  for (const auto& told : commands) all.look_at(told);
  auto found = std::move(all.findings);
  for (const auto& one : record.wrong()) found.push_back(one);
  for (const auto& one : truth.wrong) found.push_back(one);
  // Every event has a client who sent it.
  std::unordered_map<command_id, const told_of_command*> known;
  for (const auto& told : commands) known.emplace(told.what.id, &told);
  for (const auto& [id, commit] : truth.commits)
    if (!known.contains(id) && found.size() < most_named)
      found.push_back("nobody sent command " + id.hex() + ", which is in the journal");
  return found;
}

}  // namespace quipu::test
