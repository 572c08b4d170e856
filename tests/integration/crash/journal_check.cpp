#include "journal_check.hpp"

#include <quipu/journal/open.hpp>
#include <quipu/journal/record.hpp>

#include <array>
#include <charconv>
#include <map>
#include <string>

namespace quipu::test::crash {
namespace {

class reader {
 public:
  explicit reader(crash::books& books) : books_(&books) {}

  void take(const journal::stored_record& stored) {
    const auto record = journal::record_view::decode(stored.data);
    const auto name = "record " + std::to_string(stored.number);
    if (!record) return books_->find(name + ": " + record.error().text);
    const auto stamp = record->stamp();
    if (const auto last = sums_.find(stored.partition); last != sums_.end() && last->second != stamp.previous)
      books_->find(name + " does not follow on its partition's last");
    sums_[stored.partition] = record->sum();
    if (stamp.epoch < epochs_[stored.partition]) books_->find(name + " is of an epoch that was over");
    epochs_[stored.partition] = stamp.epoch;
    for (std::uint32_t i = 0; i < record->commit_count(); ++i) take_commit(record->commit_at(i), name);
  }

  std::uint64_t finish() {
    for (std::uint32_t account = 0; account < accounts; ++account)
      if (sequences_[account] != books_->last_sequence(account))
        books_->find("the journal ends account " + std::to_string(account) + " at sequence " +
                     std::to_string(sequences_[account]) + ", its clients at " +
                     std::to_string(books_->last_sequence(account)));
    return events_;
  }

 private:
  void take_commit(const journal::commit_view& commit, const std::string& where) {
    std::uint32_t account = accounts;
    std::from_chars(commit.key.data() + 4, commit.key.data() + commit.key.size(), account);
    if (account >= accounts)
      return books_->find(where + " has an unknown account: " + std::string(commit.key));
    if (commit.event_count != 1 || commit.first_sequence != sequences_[account] + 1)
      books_->find(where + " has a gap in account " + std::to_string(account) + " at sequence " +
                   std::to_string(commit.first_sequence));
    sequences_[account] = commit.last_sequence();
    ++events_;
    const auto maker = books_->maker_of(account, commit.first_sequence);
    if (maker != commit.command)
      books_->find(where + ": account " + std::to_string(account) + " sequence " +
                   std::to_string(commit.first_sequence) + " comes from command " + commit.command.hex() +
                   "; acknowledged was " + (maker ? maker->hex() : "none"));
  }

  crash::books* books_;
  std::map<journal::partition_id, checksum> sums_;
  std::map<journal::partition_id, std::uint64_t> epochs_;
  std::array<std::uint64_t, accounts> sequences_{};
  std::uint64_t events_ = 0;
};

}  // namespace

std::uint64_t check_journal(const std::string& url, const std::filesystem::path& directory, books& books) {
  const auto opened = journal::open(url, {.mode = journal::access::read, .node_directory = directory});
  if (!opened) {
    books.find("the journal cannot be opened: " + opened.error().text);
    return 0;
  }
  reader all(books);
  const auto cursor = (*opened)->read(1);
  while (true) {
    const auto stored = cursor->next();
    if (!stored) {
      books.find("reading the journal: " + stored.error().text);
      return 0;
    }
    if (!*stored) return all.finish();
    all.take(**stored);
  }
}

}  // namespace quipu::test::crash
