/// The store behind open_lmdb(). How it lies on the disk: layout.hpp.
#pragma once

#include "checkpoint/layout.hpp"
#include "core/checkpoint.hpp"
#include "storage/environment.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace quipu::checkpoint {

using core::partition_id;
using journal::fail;
using journal::failure;
using journal::failure_kind;
using journal::result;

/// Categories beyond this are refused; LMDB keeps an array of this size a transaction.
inline constexpr std::uint32_t most_categories = 250;

class lmdb_checkpoints final : public core::checkpoint_store {
 public:
  /// A store that holds what it should; `corrupt` or `unsupported` where it must be made anew. `emptied` says
  /// which categories were emptied for themselves.
  static result<std::unique_ptr<lmdb_checkpoints>> open(const std::filesystem::path& directory,
                                                        const store_row& binding, std::string& emptied);
  /// Beside the process that writes it, whatever journal it belongs to. Everything that would write fails.
  static result<std::unique_ptr<lmdb_checkpoints>> open_to_read(const std::filesystem::path& directory);
  /// Of open_to_read().
  const store_row& binding() const { return binding_; }

  result<core::partition_checkpoint> open(partition_id partition) override;
  result<std::optional<bytes>> load(partition_id partition, std::string_view category,
                                    std::string_view key) override;
  result<void> write(std::span<const core::snapshot_group> groups) override;
  result<void> discard(partition_id partition, std::optional<std::string_view> category) override;

  result<void> verify();

  /// How many snapshots each category has in the partition.
  result<std::map<std::string, std::uint64_t, std::less<>>> row_counts(partition_id partition);
  using row_visitor =
      std::function<bool(partition_id, std::string_view category, std::string_view key, const bytes& image)>;
  /// Every snapshot, until the visitor says false. In short transactions: it may see what is written meanwhile.
  result<void> each(const row_visitor& see);

 private:
  struct figures {
    std::uint64_t rows = 0;
    id128 digest;
  };
  using category_rows = std::map<std::pair<partition_id, std::string>, category_row>;

  result<void> bind(const store_row& binding);
  result<void> open_tables();
  result<category_rows> read_categories(const storage::transaction& look);
  result<std::string> empty_where_counts_differ();
  result<void> erase_category(storage::write_transaction& write, std::string_view category);
  result<void> erase_partition(storage::write_transaction& write, partition_id partition,
                               std::string_view category);
  storage::planned_work erasing_work();
  result<storage::write_transaction> begin(storage::planned_work work);
  result<void> finish(storage::write_transaction write);
  result<std::optional<storage::table>> rows_of(std::string_view category, bool make);
  result<void> store_group(storage::write_transaction& write, const core::snapshot_group& group,
                           category_rows& changed);
  result<void> store_row_of(storage::write_transaction& write, partition_id partition,
                            const core::snapshot_row& row, category_row& category);
  result<void> store_quarantine(storage::write_transaction& write, const core::snapshot_group& group);
  result<category_row*> changed_row(const storage::transaction& look, category_rows& changed,
                                    partition_id partition, const std::string& category);
  failure damaged(const std::string& what) const;
  result<std::optional<store_row>> stored_binding();

  std::unique_ptr<storage::environment> environment_;
  store_row binding_;
  storage::table meta_, quarantine_;
  std::mutex tables_mutex_;
  std::map<std::string, storage::table, std::less<>> rows_;  // by category
  std::mutex write_mutex_;                                   // between planning a write and its end
};

inline std::string_view key_text(const storage::row& row) { return as_text(row.key); }

}  // namespace quipu::checkpoint
