/// A journal with known content, and the real program to look at it with.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <quipu/journal/open.hpp>
#include <quipu/journal/record.hpp>
#include <quipu/journal/schema.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace quipu::test {

/// 2026-01-02T03:04:05.000006Z
inline constexpr std::int64_t written_us = 1'767'323'045'000'006;

/// What a test says of a commit; all its events are of one type.
struct ledger_commit {
  std::string entity_key;
  std::uint64_t first_sequence = 1;
  std::vector<std::string> events;  ///< JSON of ledger.Noted
  std::int64_t time_us = written_us;
  std::string reply = {};  ///< JSON of ledger.Total
  bool ended = false;
  bool after_expiry = false;
  std::optional<command_source> source = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  id128 command = {1, 2};
};

/// Four partitions, the schema in it, the category "ledger". Errors end the test by exception.
class journal_for_cli : public testing::Test {
 protected:
  /// Without a URL: `lmdb:` in a directory of its own.
  explicit journal_for_cli(std::string url = {});

  /// Appends one record with this commit to the partition of its entity; gives the record's number.
  record_number append(const ledger_commit& what);
  /// An event with this type and these bytes.
  record_number append_event(const std::string& key, const journal::typed_bytes& event);
  /// Any bytes; the port does not look at them.
  record_number append_raw(journal::partition_id partition, std::shared_ptr<const bytes> record);
  /// Changes what LMDB holds under a record's number. Closes the journal. For `lmdb:` only.
  void change_row(record_number number, const std::function<void(std::string&)>& change);
  record_number claim(journal::partition_id partition, std::uint64_t epoch, std::string_view owner);

  bytes noted(std::string_view json) { return reader_->from_json("ledger.Noted", json).value(); }
  journal::partition_id partition_of(std::string_view key) const;
  journal::batch_stamp stamp(journal::partition_id partition, std::uint64_t epoch = 1) const;

  /// Runs `quipu` with these arguments to its end.
  static ending quipu(const std::vector<std::string>& arguments);
  static std::vector<std::string> command(std::vector<std::string> arguments);
  /// `quipu journal cat URL …`
  ending cat(std::vector<std::string> more = {}) const;
  ending info(std::vector<std::string> more = {}) const;

  temporary_directory directory_;
  std::string url_;
  std::unique_ptr<journal::journal> journal_;
  std::unique_ptr<journal::schema_reader> reader_;
  id128 schema_;

 private:
  record_number append_commit(const journal::commit& what);

  std::unordered_map<journal::partition_id, record_number> tails_;
};

/// Two lower-case digits a byte.
std::string hex_of(bytes_view data);
std::vector<std::string> lines_of(const std::string& text);
std::vector<nlohmann::json> json_lines(const std::string& text);
/// The values of one key, a line each.
std::vector<std::string> values(const std::vector<nlohmann::json>& lines, const char* key);

}  // namespace quipu::test
