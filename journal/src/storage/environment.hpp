/// LMDB made safe: one environment, its tables, map, file and lock. Nobody else opens LMDB.
///
/// What LMDB leaves to its users is done here: one writing process (directory_hold), no file cut short
/// (data_file), no map that is exchanged beneath a reader (gate), a map and a file that grow before a
/// transaction needs it, and a way back after a commit whose outcome is not known (reopen). Codes become
/// failures with a cure in the text.
#pragma once

#include "storage/data_file.hpp"
#include "storage/directory_hold.hpp"
#include "storage/gate.hpp"

#include <quipu/journal/failure.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <lmdb.h>

namespace quipu::storage {

class read_transaction;
class write_transaction;

/// What a commit survives. Both are consistent after any crash: LMDB's MDB_NOSYNC, which is not, is not
/// offered.
enum class flush : std::uint8_t {
  always,      ///< a power cut right after the commit
  meta_later,  ///< a crash of the process; a power cut may undo the last commit (MDB_NOMETASYNC: one flush,
               ///< not two)
};

/// Where a test makes a commit fail.
enum class commit_stage : std::uint8_t { before, after };

struct environment_settings {
  std::filesystem::path directory;
  bool write = true;
  bool create = true;  ///< make it when there is none; otherwise that is `not_found`
  /// A file that ends within LMDB's first two pages is what an interrupted making left: it is made anew. For who knows
  /// that nothing was ever stored; to others it is damage.
  bool replace_unfinished = false;
  flush durability = flush::always;
  std::uint64_t map_size = std::uint64_t{64} << 30U;      ///< address space reserved at opening, in bytes
  std::uint64_t max_map_size = std::uint64_t{16} << 40U;  ///< up to which it may grow
  std::uint32_t max_tables = 8;
  /// For tests: a code other than 0 makes the commit fail, at `after` although it took place.
  std::function<int(commit_stage)> fault;
};

/// How much a write transaction will do, at most: rows written or erased, and their bytes. Room for it in the
/// map and on the disk is made before it begins.
struct planned_work {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
};

/// Names one table of an environment; stays valid when the environment is reopened.
struct table {
  std::size_t index = 0;
};

enum class table_keys : std::uint8_t { bytes, integer };

/// Threads: begin_read() and begin_write() from any thread; a transaction stays on its thread. open_table(),
/// reopen() and begin_write() may wait for readers and for the writer, so a thread that has a transaction
/// must not call them.
class environment {
 public:
  static journal::result<std::unique_ptr<environment>> open(environment_settings settings);
  ~environment();
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

  /// The table of that name, made when it is missing and this is open for writing; `not_found` otherwise.
  journal::result<table> open_table(const std::string& name, table_keys keys = table_keys::bytes);
  /// Names of all tables in the environment, opened or not.
  journal::result<std::vector<std::string>> table_names();

  /// A short look at the newest commit. Waits while the map is exchanged.
  journal::result<read_transaction> begin_read();
  /// One at a time; waits for the one before. `refused` where map or disk have no room for the work: nothing
  /// happened.
  journal::result<write_transaction> begin_write(planned_work work);

  /// Closes and opens it again, after a commit that failed. When that fails too, everything fails with its
  /// reason until a reopen() succeeds.
  journal::result<void> reopen();
  /// Whether the last reopen() failed.
  bool is_down();

  const std::filesystem::path& directory() const { return settings_.directory; }
  std::uint64_t map_size();
  std::uint64_t file_size();

 private:
  friend class transaction;
  friend class read_transaction;
  friend class write_transaction;
  struct known_table {
    std::string name;
    unsigned flags = 0;
    MDB_dbi dbi = 0;
  };

  environment(environment_settings settings, directory_hold hold);
  journal::result<void> open_files();
  int try_open(std::uint64_t map_size);
  journal::result<void> open_known_table(known_table& known);
  void close();
  journal::result<void> make_room(planned_work work);
  journal::result<void> grow_map(std::uint64_t bytes);
  int adopt_grown_map();
  void cover_last_page();
  journal::failure down() const;

  const environment_settings settings_;
  directory_hold hold_;
  std::mutex writer_;  // held by whoever writes or exchanges env_ or its map
  gate readers_;       // those who look at env_ without writer_
  MDB_env* env_ = nullptr;
  std::uint64_t map_size_ = 0;
  bool was_open_ = false;
  data_file file_;
  std::vector<known_table> tables_;
  std::optional<journal::failure> down_;
};

/// The failure for a code that LMDB gave while doing `what` in this environment.
journal::failure trouble_in(const environment& environment, int code, std::string_view what);

}  // namespace quipu::storage

#include "storage/transaction.hpp"  // IWYU pragma: export
