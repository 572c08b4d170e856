#include "journal_for_cli.hpp"

#include <lmdb.h>

#include <fstream>
#include <future>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace quipu::test {
namespace {

bytes file_content(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(std::string("cannot read ") + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

template <class T>
T must(journal::result<T> got) {
  if (!got) throw std::runtime_error(got.error().text);
  if constexpr (!std::is_void_v<T>) return std::move(*got);
}

}  // namespace

journal_for_cli::journal_for_cli(std::string url)
    : url_(url.empty() ? "lmdb:" + (directory_ / "journal").string() : std::move(url)) {
  journal_ = must(journal::open_or_create(
      url_, {.partitions = 4, .max_record_bytes = 64 * 1024, .creator = "a test"}, {}));
  auto binary = file_content(QUIPU_LEDGER_SCHEMA);
  schema_ = must(journal::schema_hash(binary));
  must(journal_->put_schema({schema_, binary}));
  reader_ = std::make_unique<journal::schema_reader>(must(journal::schema_reader::open(binary)));
}

journal::partition_id journal_for_cli::partition_of(std::string_view key) const {
  return journal::partition_of(journal::entity_hash("ledger", key), journal_->about().partitions);
}

journal::batch_stamp journal_for_cli::stamp(journal::partition_id partition, std::uint64_t epoch) const {
  return {.lineage = journal_->about().lineage,
          .incarnation = journal_->about().incarnation,
          .partition = partition,
          .epoch = epoch,
          .id = id128::random(),  // a server with a memory for ids takes none twice
          .time_us = written_us};
}

record_number journal_for_cli::append_raw(journal::partition_id partition,
                                          std::shared_ptr<const bytes> record) {
  auto promise = std::make_shared<std::promise<journal::append_result>>();
  auto answer = promise->get_future();
  journal_->append(partition, tails_[partition], std::move(record),
                   [promise](journal::append_result result) { promise->set_value(std::move(result)); });
  auto result = answer.get();
  if (result.status != journal::append_status::appended) throw std::runtime_error("append: " + result.reason);
  return tails_[partition] = result.number;
}

record_number journal_for_cli::append_commit(const journal::commit& what) {
  journal::batch_builder builder;
  builder.add(what);
  auto partition = partition_of(what.key);
  return append_raw(partition, builder.seal(stamp(partition)));
}

record_number journal_for_cli::append(const ledger_commit& what) {
  std::vector<bytes> payloads;
  for (const auto& text : what.events) payloads.push_back(noted(text));
  std::vector<journal::typed_bytes> events;
  for (const auto& payload : payloads) events.push_back({{"ledger.Noted", schema_}, payload});
  std::vector<journal::header_view> headers;
  for (const auto& [name, value] : what.headers) headers.push_back({name, as_bytes(value)});
  bytes reply;
  if (!what.reply.empty()) reply = must(reader_->from_json("ledger.Total", what.reply));
  return append_commit({.category = "ledger",
                        .key = what.entity_key,
                        .first_sequence = what.first_sequence,
                        .time_us = what.time_us,
                        .command = what.command,
                        .ended = what.ended,
                        .after_expiry = what.after_expiry,
                        .has_reply = !what.reply.empty(),
                        .reply = {{"ledger.Total", schema_}, reply},
                        .headers = headers,
                        .source = what.source,
                        .events = events});
}

record_number journal_for_cli::append_event(const std::string& key, const journal::typed_bytes& event) {
  return append_commit({.category = "ledger",
                        .key = key,
                        .first_sequence = 1,
                        .time_us = written_us,
                        .command = {1, 2},
                        .events = {&event, 1}});
}

record_number journal_for_cli::claim(journal::partition_id partition, std::uint64_t epoch,
                                     std::string_view owner) {
  return append_raw(partition, journal::encode_claim(stamp(partition, epoch), owner));
}

void journal_for_cli::change_row(record_number number, const std::function<void(std::string&)>& change) {
  journal_.reset();
  MDB_env* environment = nullptr;
  MDB_txn* write = nullptr;
  MDB_dbi log = 0;
  MDB_val key{sizeof number, &number};
  MDB_val value{};
  ASSERT_EQ(mdb_env_create(&environment), 0);
  ASSERT_EQ(mdb_env_set_maxdbs(environment, 8), 0);
  ASSERT_EQ(mdb_env_open(environment, (directory_ / "journal").c_str(), 0, 0600), 0);
  ASSERT_EQ(mdb_txn_begin(environment, nullptr, 0, &write), 0);
  ASSERT_EQ(mdb_dbi_open(write, "log", MDB_INTEGERKEY, &log), 0);
  ASSERT_EQ(mdb_get(write, log, &key, &value), 0);
  std::string row(static_cast<const char*>(value.mv_data), value.mv_size);
  change(row);
  value = {row.size(), row.data()};
  ASSERT_EQ(mdb_put(write, log, &key, &value, 0), 0);
  ASSERT_EQ(mdb_txn_commit(write), 0);
  mdb_env_close(environment);
}

std::vector<std::string> journal_for_cli::command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), QUIPU_PROGRAM);
  return arguments;
}

ending journal_for_cli::quipu(const std::vector<std::string>& arguments) { return run(command(arguments)); }

ending journal_for_cli::cat(std::vector<std::string> more) const {
  more.insert(more.begin(), {"journal", "cat", url_});
  return quipu(more);
}

ending journal_for_cli::info(std::vector<std::string> more) const {
  more.insert(more.begin(), {"journal", "info", url_});
  return quipu(more);
}

std::string hex_of(bytes_view data) {
  std::string text;
  for (auto byte : data) {
    text += "0123456789abcdef"[byte >> 4U];
    text += "0123456789abcdef"[byte & 0xfU];
  }
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> all;
  for (const auto& line : lines_of(text)) all.push_back(nlohmann::json::parse(line));
  return all;
}

std::vector<std::string> values(const std::vector<nlohmann::json>& lines, const char* key) {
  std::vector<std::string> all;
  for (const auto& line : lines) all.push_back(line.at(key).get<std::string>());
  return all;
}

}  // namespace quipu::test
