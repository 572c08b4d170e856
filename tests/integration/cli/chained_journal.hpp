/// A journal whose records are chained and claimed as a runtime's are, until a test says otherwise.
#pragma once

#include <lmdb.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "journal_for_cli.hpp"

namespace quipu::test {

class chained_journal : public journal_for_cli {
 protected:
  /// What a test changes of a record's stamp.
  using change = std::function<void(journal::batch_stamp&)>;
  static void nothing(journal::batch_stamp& /*stamp*/) {}

  explicit chained_journal(std::string url = {}) : journal_for_cli(std::move(url)) {}

  /// A claim of the next epoch.
  record_number begin(journal::partition_id partition, const change& edit = nothing) {
    auto stamp = next(partition);
    ++stamp.epoch;
    edit(stamp);
    return link(partition, journal::encode_claim(stamp, "owner"));
  }
  void begin_all() {
    for (journal::partition_id p = 0; p < 4; ++p) begin(p);
  }
  /// A record with these commits, in the partition of the first one's entity.
  record_number put(const std::vector<journal::commit>& commits, const change& edit = nothing) {
    const auto partition = partition_of(commits[0].key);
    return link(partition, seal(partition, commits, edit));
  }
  std::shared_ptr<const bytes> seal(journal::partition_id partition,
                                    const std::vector<journal::commit>& commits,
                                    const change& edit = nothing) {
    journal::batch_builder builder;
    for (const auto& commit : commits) builder.add(commit);
    auto stamp = next(partition);
    edit(stamp);
    return builder.seal(stamp);
  }
  record_number link(journal::partition_id partition, const std::shared_ptr<const bytes>& record) {
    const auto number = append_raw(partition, record);
    if (const auto view = journal::record_view::decode(*record)) {
      sums_[partition] = view->sum();
      epochs_[partition] = view->stamp().epoch;
    }
    return number;
  }
  /// A commit with one event to ledger/KEY; the key stays the caller's.
  journal::commit noting(std::string_view key, std::uint64_t sequence) {
    return {.category = "ledger",
            .key = key,
            .first_sequence = sequence,
            .time_us = written_us,
            .command = {7, sequence},
            .body_hash = 0xfeedULL,
            .events = {&event_, 1}};
  }
  record_number note(const std::string& key, std::uint64_t sequence, const change& edit = nothing) {
    return put({noting(key, sequence)}, edit);
  }
  /// Changes a byte of a record that would be written now, and writes it.
  record_number note_damaged(const std::string& key, std::uint64_t sequence) {
    const auto partition = partition_of(key);
    auto record = std::make_shared<bytes>(*seal(partition, {noting(key, sequence)}));
    sums_[partition] = journal::record_view::decode(*record)->sum();
    record->at(record->size() / 2) ^= 1U;
    return append_raw(partition, record);
  }

  /// Removes (or with `cut` overwrites) what LMDB holds under a record's number. Closes the journal.
  void damage_row(record_number number, bool cut) {
    journal_.reset();
    MDB_env* environment = nullptr;
    MDB_txn* write = nullptr;
    MDB_dbi log = 0;
    MDB_val key{sizeof number, &number};
    MDB_val value{3, const_cast<char*>("cut")};
    ASSERT_EQ(mdb_env_create(&environment), 0);
    ASSERT_EQ(mdb_env_set_maxdbs(environment, 8), 0);
    ASSERT_EQ(mdb_env_open(environment, (directory_ / "journal").c_str(), 0, 0600), 0);
    ASSERT_EQ(mdb_txn_begin(environment, nullptr, 0, &write), 0);
    ASSERT_EQ(mdb_dbi_open(write, "log", MDB_INTEGERKEY, &log), 0);
    ASSERT_EQ(cut ? mdb_put(write, log, &key, &value, 0) : mdb_del(write, log, &key, nullptr), 0);
    ASSERT_EQ(mdb_txn_commit(write), 0);
    mdb_env_close(environment);
  }

  ending verify(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"journal", "verify", url_});
    return quipu(more);
  }

  const bytes payload_ = noted(R"({"text":"coffee","amount":3})");
  const journal::typed_bytes event_{{"ledger.Noted", schema_}, payload_};

 private:
  journal::batch_stamp next(journal::partition_id partition) {
    auto out = stamp(partition, epochs_[partition]);
    out.previous = sums_[partition];
    return out;
  }

  std::map<journal::partition_id, checksum> sums_;
  std::map<journal::partition_id, std::uint64_t> epochs_;
};

}  // namespace quipu::test
