#include "lmdb/lmdb_journal.hpp"

#include "lmdb/group_writer.hpp"
#include "lmdb/log_cursor.hpp"
#include "lmdb/log_store.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace quipu::journal::lmdb {

namespace {

class lmdb_journal final : public journal {
 public:
  lmdb_journal(log_store store, bool sync, std::optional<log_end> writable)
      : store_(std::move(store)), sync_(sync) {
    if (writable) writer_.emplace(store_, std::move(*writable));
  }

  const identity& about() const override { return store_.about; }

  void append(partition_id partition, record_number expected, std::shared_ptr<const bytes> record,
              append_callback done) override {
    const auto refuse = [&](std::string why, error_code code = error_code::journal_refused) {
      done({append_status::refused, 0, std::move(why), code});
    };
    if (!writer_) return refuse(here() + " is open for reading only", error_code::journal_read_only);
    if (partition >= store_.about.partitions) return refuse(no_partition(partition));
    if (!record || record->empty()) return refuse("an empty record", error_code::record_too_large);
    if (record->size() > store_.about.max_record_bytes) {
      return refuse("a record of " + std::to_string(record->size()) +
                        " bytes is too large: this journal takes " +
                        std::to_string(store_.about.max_record_bytes),
                    error_code::record_too_large);
    }
    writer_->append(partition, expected, std::move(record), std::move(done));
  }

  void successor(partition_id partition, record_number tail, record_callback done) override {
    done(find_successor(partition, tail));
  }

  void tail(partition_id partition, record_callback done) override { done(find_tail(partition)); }

  std::unique_ptr<cursor> read(record_number from, std::optional<partition_id> only) override {
    return std::make_unique<log_cursor>(store_, from, only);
  }

  result<void> put_schema(const stored_schema& schema) override;
  result<std::vector<stored_schema>> schemas() override;

  result<summary> summarize() override {
    auto figures = store_.summarize();
    if (figures) {
      figures->durability =
          sync_ ? "fsync before every acknowledgement"
                : "relaxed: survives a crash of the process; a power cut may undo the last commit";
      figures->survives_power_cut = sync_;
      std::error_code unknown;
      const auto disk = std::filesystem::space(store_.environment->directory(), unknown);
      if (!unknown) figures->room = disk.available;
    }
    return figures;
  }

 private:
  std::string here() const { return "the journal in " + store_.environment->directory().string(); }
  std::string no_partition(partition_id partition) const {
    return "there is no partition " + std::to_string(partition) + ", only " +
           std::to_string(store_.about.partitions);
  }
  result<record_number> last_of(partition_id partition);
  result<std::optional<stored_record>> find_tail(partition_id partition);
  result<std::optional<stored_record>> find_successor(partition_id partition, record_number tail);
  result<bool> has_schema(const stored_schema& schema);

  log_store store_;
  const bool sync_;
  std::optional<group_writer> writer_;  // last: it uses the store
};

result<record_number> lmdb_journal::last_of(partition_id partition) {
  if (partition >= store_.about.partitions)
    return fail(error_code::journal_partition, no_partition(partition));
  if (writer_) return writer_->last_of(partition);
  auto look = store_.environment->begin_read();
  if (!look) return std::unexpected(look.error());
  auto tail = store_.tail_of(*look, partition);
  if (!tail) return std::unexpected(tail.error());
  return tail->last;
}

result<std::optional<stored_record>> lmdb_journal::find_tail(partition_id partition) {
  auto last = last_of(partition);
  if (!last) return std::unexpected(last.error());
  if (*last == 0) return std::nullopt;
  auto look = store_.environment->begin_read();
  if (!look) return std::unexpected(look.error());
  auto row = store_.find(*look, *last);
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::unexpected(store_.damaged("record " + std::to_string(*last) + " is missing"));
  return copy_of(**row);
}

result<std::optional<stored_record>> lmdb_journal::find_successor(partition_id partition,
                                                                  record_number tail) {
  auto last = last_of(partition);
  if (!last) return std::unexpected(last.error());
  if (*last <= tail) return std::nullopt;
  auto look = store_.environment->begin_read();
  if (!look) return std::unexpected(look.error());
  auto newest = store_.find(*look, *last);  // nearly always it is the last one, else it lies near the tail
  if (!newest) return std::unexpected(newest.error());
  if (*newest && (*newest)->prefix.previous <= tail) return copy_of(**newest);
  auto cursor = look->open_cursor(store_.log);
  if (!cursor) return std::unexpected(cursor.error());
  auto row = cursor->seek(storage::key_of(tail + 1));
  for (; row && *row; row = cursor->next()) {
    auto record = store_.parse(**row);
    if (!record) return std::unexpected(record.error());
    if (record->prefix.partition == partition) return copy_of(*record);
  }
  if (!row) return std::unexpected(row.error());
  return std::unexpected(store_.damaged("record " + std::to_string(*last) + " is missing"));
}

result<bool> lmdb_journal::has_schema(const stored_schema& schema) {
  auto look = store_.environment->begin_read();
  if (!look) return std::unexpected(look.error());
  auto found = look->get(store_.schemas, schema_key(schema.hash));
  if (!found) return std::unexpected(found.error());
  return found->has_value();
}

// On the caller's thread: LMDB lets the writer and this take turns. Content-addressed, so what is there
// stays.
result<void> lmdb_journal::put_schema(const stored_schema& schema) {
  if (!writer_) return fail(error_code::journal_read_only, here() + " is open for reading only");
  auto there = has_schema(schema);
  if (!there) return std::unexpected(there.error());
  if (*there) return {};
  auto write = store_.environment->begin_write({1, schema.binary.size() + 64});
  if (!write) return std::unexpected(write.error());
  if (auto put = write->put(store_.schemas, schema_key(schema.hash), schema.binary); !put) return put;
  return write->commit();
}

result<std::vector<stored_schema>> lmdb_journal::schemas() {
  auto look = store_.environment->begin_read();
  if (!look) return std::unexpected(look.error());
  auto cursor = look->open_cursor(store_.schemas);
  if (!cursor) return std::unexpected(cursor.error());
  std::vector<stored_schema> all;
  auto row = cursor->first();
  for (; row && *row; row = cursor->next()) {
    const auto hash = schema_hash_in((*row)->key);
    if (!hash) return std::unexpected(store_.damaged("a schema has an ill-formed key"));
    all.push_back({*hash, bytes((*row)->value.begin(), (*row)->value.end())});
  }
  if (!row) return std::unexpected(row.error());
  return all;
}

}  // namespace

result<std::unique_ptr<journal>> open(const settings& settings, access mode) {
  auto environment = storage::environment::open(
      {.directory = settings.path,
       .write = mode == access::write,
       .create = false,
       .durability = settings.sync ? storage::flush::always : storage::flush::meta_later,
       .map_size = settings.map_size,
       .max_map_size = settings.max_map_size,
       .fault = settings.fault});
  if (!environment) return std::unexpected(environment.error());
  log_store store{.environment = std::move(*environment)};
  if (auto opened = store.open_tables(); !opened) return std::unexpected(opened.error());
  if (auto known = store.read_header(); !known) return std::unexpected(known.error());
  std::optional<log_end> end;
  if (mode == access::write) {
    auto read = store.read_end();
    if (!read) return std::unexpected(read.error());
    end = std::move(*read);
  }
  return std::make_unique<lmdb_journal>(std::move(store), settings.sync, std::move(end));
}

}  // namespace quipu::journal::lmdb
