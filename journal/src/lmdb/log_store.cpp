#include "lmdb/log_store.hpp"

#include "lmdb/aligned_buffer.hpp"

#include <quipu/journal/record.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace quipu::journal::lmdb {

result<void> log_store::open_tables() {
  using storage::table_keys;
  const auto open = [&](storage::table& table, const char* name, table_keys keys) -> result<void> {
    auto opened = environment->open_table(name, keys);
    if (!opened) return std::unexpected(opened.error());
    table = *opened;
    return {};
  };
  if (auto opened = open(log, "log", table_keys::integer); !opened) return opened;
  if (auto opened = open(tails, "tails", table_keys::integer); !opened) return opened;
  if (auto opened = open(schemas, "schemas", table_keys::bytes); !opened) return opened;
  return open(meta, "meta", table_keys::bytes);
}

result<void> log_store::read_header() {
  auto look = environment->begin_read();
  if (!look) return std::unexpected(look.error());
  auto format = look->get(meta, as_bytes("format"));
  if (!format) return std::unexpected(format.error());
  if (!*format) return std::unexpected(damaged("it does not say its format"));
  if (as_text(**format) != "1") {
    return fail(error_code::journal_version,
                "the journal in " + environment->directory().string() +
                    " has another format than this program knows (1); use a newer program");
  }
  auto header = look->get(meta, as_bytes("header"));
  if (!header) return std::unexpected(header.error());
  if (!*header) return std::unexpected(damaged("its header is missing"));
  const auto aligned = aligned_copy(**header);
  auto decoded = decode_header({aligned.get()->bytes, (*header)->size()});
  if (!decoded) return std::unexpected(decoded.error());
  about = std::move(*decoded);
  return {};
}

failure log_store::damaged(const std::string& how) const {
  return {error_code::journal_damaged,
          "the journal in " + environment->directory().string() + " is damaged: " + how};
}

result<log_row> log_store::parse(const storage::row& row) const {
  const auto number = storage::number_in<record_number>(row.key);
  if (!number || *number == 0) return std::unexpected(damaged("a record has no number"));
  log_row parsed{.number = *number};
  if (row.value.size() <= sizeof(record_prefix) ||
      row.value.size() > sizeof(record_prefix) + about.max_record_bytes) {
    return std::unexpected(
        damaged("record " + std::to_string(*number) + " has " + std::to_string(row.value.size()) + " bytes"));
  }
  std::memcpy(&parsed.prefix, row.value.data(), sizeof parsed.prefix);
  if (parsed.prefix.partition >= about.partitions || parsed.prefix.previous >= *number) {
    return std::unexpected(damaged("the prefix of record " + std::to_string(*number) + " makes no sense"));
  }
  parsed.data = row.value.subspan(sizeof parsed.prefix);
  return parsed;
}

result<std::optional<log_row>> log_store::find(const storage::read_transaction& look,
                                               record_number number) const {
  auto value = look.get(log, storage::key_of(number));
  if (!value) return std::unexpected(value.error());
  if (!*value) return std::nullopt;
  return parse({storage::key_of(number), **value});
}

result<tail_row> log_store::tail_of(const storage::transaction& look, partition_id partition) const {
  auto value = look.get(tails, storage::key_of(partition));
  if (!value) return std::unexpected(value.error());
  if (!*value) return tail_row{};
  const auto row = storage::number_in<tail_row>(**value);
  if (!row)
    return std::unexpected(damaged("the tail of partition " + std::to_string(partition) + " is ill-formed"));
  return *row;
}

// Three figures that were written apart must agree: a lost page of either table shows.
result<log_end> log_store::read_end() const {
  auto look = environment->begin_read();
  if (!look) return std::unexpected(look.error());
  log_end end;
  end.tails.resize(about.partitions);
  std::uint64_t records = 0;
  for (partition_id partition = 0; partition < about.partitions; ++partition) {
    auto tail = tail_of(*look, partition);
    if (!tail) return std::unexpected(tail.error());
    if (tail->last != 0) {
      auto row = find(*look, tail->last);
      if (!row) return std::unexpected(row.error());
      if (!*row || (*row)->prefix.partition != partition) {
        return std::unexpected(
            damaged("the last record of partition " + std::to_string(partition) + " is missing"));
      }
    }
    records += tail->records;
    end.last = std::max(end.last, tail->last);
    end.tails[partition] = *tail;
  }
  auto stored = look->entries(log);
  if (!stored) return std::unexpected(stored.error());
  if (*stored != records) {
    return std::unexpected(damaged("it holds " + std::to_string(*stored) + " records, and should hold " +
                                   std::to_string(records)));
  }
  return end;
}

result<summary> log_store::summarize() const {
  auto look = environment->begin_read();
  if (!look) return std::unexpected(look.error());
  summary figures;
  auto tail = look->open_cursor(tails);
  if (!tail) return std::unexpected(tail.error());
  auto row = tail->first();
  for (; row && *row; row = tail->next()) {
    const auto figure = storage::number_in<tail_row>((*row)->value);
    if (!figure) return std::unexpected(damaged("the tail of a partition is ill-formed"));
    figures.records += figure->records;
    figures.bytes += figure->bytes;
    figures.last = std::max(figures.last, figure->last);
  }
  if (!row) return std::unexpected(row.error());
  auto records = look->open_cursor(log);
  if (!records) return std::unexpected(records.error());
  auto first = records->first();
  if (!first) return std::unexpected(first.error());
  if (*first) figures.first = storage::number_in<record_number>((*first)->key).value_or(0);
  return figures;
}

stored_record copy_of(const log_row& row) {
  auto copy = aligned_copy(row.data);
  const bytes_view data(copy.get()->bytes, row.data.size());
  return {row.number, row.prefix.partition, data, std::move(copy)};
}

std::array<std::uint8_t, 16> schema_key(const id128& hash) {
  std::array<std::uint8_t, 16> key{};
  for (std::size_t i = 0; i < 8; ++i) {
    key[i] = static_cast<std::uint8_t>(hash.high >> (56 - 8 * i));
    key[8 + i] = static_cast<std::uint8_t>(hash.low >> (56 - 8 * i));
  }
  return key;
}

std::optional<id128> schema_hash_in(bytes_view key) {
  if (key.size() != 16) return std::nullopt;
  id128 hash;
  for (std::size_t i = 0; i < 8; ++i) {
    hash.high = hash.high << 8U | key[i];
    hash.low = hash.low << 8U | key[8 + i];
  }
  return hash;
}

}  // namespace quipu::journal::lmdb
