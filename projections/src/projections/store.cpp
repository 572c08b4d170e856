#include "projections/store.hpp"

#include "projections/description.hpp"
#include "projections/layout.hpp"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace quipu::projecting {
namespace {

/// Everything can be made again. What people skipped can't be read any more, so that they have to say that it is given up.
std::string made_again(const std::filesystem::path& directory) {
  return "remove " + (directory.parent_path() / "live").string() +
         " and rebuild the projection from the journal";
}

failure damaged(const opened_store& store, const std::string& what) {
  const auto& directory = store.environment->directory();
  return failure(error_code::projection_damaged, "the read model in " + directory.string() + " is damaged: " +
                                                     what + "; restore a copy, or " + made_again(directory));
}

std::unexpected<failure> not_opened(const std::filesystem::path& directory, failure why) {
  if (why.code == error_code::storage_damaged) why.text += ", or " + made_again(directory);
  return within("projection " + directory.parent_path().filename().string(), std::move(why));
}

result<std::shared_ptr<opened_store>> open_tables(const std::filesystem::path& directory,
                                                  const port::projection_type* what, bool write,
                                                  expected_store expected, bool any_version = false) {
  std::error_code error;
  if (expected == expected_store::there && !std::filesystem::exists(directory / "data.mdb", error) &&
      !error) {
    return fail(error_code::projection_not_kept,
                "there is no generation of a projection in " + directory.string() +
                    "; restore it, or name another one, or (where it is the live one) " +
                    made_again(directory));
  }
  const auto count = own_tables + (what == nullptr ? 0 : static_cast<std::uint32_t>(what->tables.size()));
  // Losing the last commit to a power cut is fine, for the journal has it all; so one flush a commit is enough. The journal
  // does not have a reaction's answers, and others go by what it said of them.
  const bool only_here = what != nullptr && what->sends_commands;
  auto environment = storage::environment::open(
      {.directory = directory,
       .write = write,
       .replace_unfinished = expected == expected_store::any,
       .durability = only_here ? storage::flush::always : storage::flush::meta_later,
       .max_tables = count});
  if (!environment) return not_opened(directory, environment.error());
  auto store = std::make_shared<opened_store>();
  store->environment = std::move(*environment);
  for (std::uint32_t i = 0; i < count; ++i) {
    auto table = store->environment->open_table(i < own_tables ? std::string(own_table_names[i])
                                                               : "rows." + what->tables[i - own_tables].name);
    const bool lacking =
        !table && any_version && i >= own_tables && table.error().kind == failure_kind::not_found;
    if (!table && !lacking) return not_opened(directory, table.error());
    store->tables.push_back(lacking ? missing : *table);
  }
  return store;
}

result<std::optional<store_row>> read_binding(const opened_store& store) {
  committed_rows rows(store);
  try {
    const auto stored = rows.get(meta_table, store_key);
    if (!stored) return std::nullopt;
    if (auto row = row_in<store_row>(*stored)) return row;
  } catch (const port::row_trouble& trouble) {
    return std::unexpected(trouble.why);
  }
  return std::unexpected(damaged(store, "its first row has another size"));
}

/// Where it was not described, or otherwise.
result<void> describe(const opened_store& store, const port::projection_type& what) {
  const auto description = description_of(what);
  {
    committed_rows rows(store);
    const auto same = guarded([&] {
      const auto row = rows.get(meta_table, description_key);
      return row && as_text(*row) == description;
    });
    if (!same) return std::unexpected(same.error());
    if (*same) return {};
  }
  auto write = store.environment->begin_write({1, description.size()});
  if (!write) return std::unexpected(write.error());
  if (auto put = write->put(store.tables[meta_table], as_bytes(description_key), as_bytes(description)); !put)
    return put;
  return write->commit();
}

}  // namespace

result<void> check_version(const opened_store& store, const port::projection_type& what) {
  const auto& stored = store.binding;
  const std::string here = "the read model in " + store.environment->directory().string();
  if (stored.version != layout_version) {
    return fail(error_code::projection_format, here + " has format " + std::to_string(stored.version) +
                                                   ", not " + std::to_string(layout_version) +
                                                   "; use the program that made it, or rebuild it");
  }
  if (stored.fingerprint != what.fingerprint) {
    const bool same = stored.projection_version == what.version;
    return fail(error_code::projection_other_version,
                here + " was made by version " + std::to_string(stored.projection_version) + " of " +
                    what.name +
                    (same ? ", with other tables; raise the version and rebuild it"
                          : ", this program has version " + std::to_string(what.version) +
                                "; start the program that has that version, or rebuild it"));
  }
  return {};
}

result<void> check_journal(const opened_store& store, const journal::identity& journal) {
  const auto& followed = store.binding;
  if (followed.incarnation == journal.incarnation) return {};
  return fail(error_code::projection_other_journal,
              "the read model in " + store.environment->directory().string() +
                  " follows the journal of incarnation " + followed.incarnation.hex() + ", and this one is " +
                  journal.incarnation.hex() + (followed.lineage == journal.lineage ? " (a copy of it)" : "") +
                  "; name that journal, or rebuild the projection from this one");
}

result<std::shared_ptr<opened_store>> open_to_keep(const std::filesystem::path& directory,
                                                   const port::projection_type& what,
                                                   const journal::identity& journal,
                                                   expected_store expected) {
  auto opened = open_tables(directory, &what, true, expected);
  if (!opened) return opened;
  auto& store = **opened;
  const auto stored = read_binding(store);
  if (!stored) return std::unexpected(stored.error());
  if (*stored) {
    store.binding = **stored;
    if (auto sound = check_version(store, what); !sound) return std::unexpected(sound.error());
    if (auto sound = check_journal(store, journal); !sound) return std::unexpected(sound.error());
    if (auto done = describe(store, what); !done) return std::unexpected(done.error());
    return opened;
  }
  if (expected == expected_store::there) return std::unexpected(damaged(store, "its first row is missing"));
  const auto description = description_of(what);
  auto write = store.environment->begin_write({2, 256 + description.size()});
  if (!write) return std::unexpected(write.error());
  store.binding = {.projection_version = what.version,
                   .fingerprint = what.fingerprint,
                   .incarnation = journal.incarnation,
                   .lineage = journal.lineage};
  if (auto put = write->put(store.tables[meta_table], as_bytes(store_key), bytes_of(store.binding)); !put)
    return std::unexpected(put.error());
  if (auto put = write->put(store.tables[meta_table], as_bytes(description_key), as_bytes(description)); !put)
    return std::unexpected(put.error());
  if (auto done = write->commit(); !done) return std::unexpected(done.error());
  return opened;
}

namespace {
result<std::shared_ptr<opened_store>> bound(result<std::shared_ptr<opened_store>> opened) {
  if (!opened) return opened;
  const auto stored = read_binding(**opened);
  if (!stored) return std::unexpected(stored.error());
  if (!*stored) return std::unexpected(damaged(**opened, "its first row is missing"));
  (*opened)->binding = **stored;
  return opened;
}
}  // namespace

result<std::shared_ptr<opened_store>> open_any_version(const std::filesystem::path& directory,
                                                       const port::projection_type& what) {
  return bound(open_tables(directory, &what, false, expected_store::there, true));
}

result<std::shared_ptr<opened_store>> open_to_read(const std::filesystem::path& directory,
                                                   const port::projection_type* what) {
  auto opened = bound(open_tables(directory, what, false, expected_store::there));
  if (!opened) return opened;
  if (what != nullptr) {
    if (auto sound = check_version(**opened, *what); !sound) return std::unexpected(sound.error());
  }
  return opened;
}

result<progress> load_progress(const opened_store& store, std::uint32_t partitions) {
  committed_rows rows(store);
  return load_progress(store, rows, partitions);
}

result<progress> load_progress(const opened_store& store, committed_rows& rows, std::uint32_t partitions) {
  progress where{.at = {}, .tails = std::vector<tail_row>(partitions)};
  try {
    if (const auto row = rows.get(meta_table, progress_key)) {
      const auto at = row_in<progress_row>(*row);
      if (!at) return std::unexpected(damaged(store, "the row of its position has another size"));
      where.at = *at;
    }
    for (std::uint32_t partition = 0; partition < partitions; ++partition) {
      const auto row = rows.get(meta_table, tail_key(partition));
      if (!row) continue;
      const auto tail = row_in<tail_row>(*row);
      if (!tail) return std::unexpected(damaged(store, "the row of a partition has another size"));
      where.tails[partition] = *tail;
    }
  } catch (const port::row_trouble& trouble) {
    return std::unexpected(trouble.why);
  }
  return where;
}

result<std::optional<counts_row>> load_counts(const opened_store& store) {
  committed_rows rows(store);
  try {
    const auto row = rows.get(meta_table, counts_key);
    if (!row) return std::nullopt;
    return row_in<counts_row>(*row);
  } catch (const port::row_trouble& trouble) {
    return std::unexpected(trouble.why);
  }
}

}  // namespace quipu::projecting
