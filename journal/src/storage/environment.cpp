#include "storage/environment.hpp"

#include "storage/trouble.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace quipu::storage {

using journal::fail;
using journal::failure;
using journal::failure_kind;
using journal::result;

namespace {

constexpr unsigned max_readers = 510;  // threads that read at one moment, in all processes
constexpr std::uint64_t least_map_size = std::uint64_t{1} << 30U;

// More pages than a transaction can take: copies of those it touches, those that its bytes fill (half full
// after splits), and the bookkeeping of what it frees. Pages freed earlier are not counted on.
std::uint64_t pages_for(planned_work work, std::uint64_t used_pages, std::uint64_t page_size) {
  const std::uint64_t leaves = std::min(used_pages, work.rows);
  const std::uint64_t branches = std::min(used_pages / 2, work.rows * 6);
  const std::uint64_t filled = 3 * (work.bytes / page_size) / 2 + 2 * work.rows * 64 / page_size;
  return leaves + branches + filled + std::min<std::uint64_t>(work.rows, work.bytes / 1024) +
         used_pages / 512 + 64;
}

}  // namespace

failure trouble_in(const environment& environment, int code, std::string_view what) {
  return trouble(code, environment.directory(), what);
}

environment::environment(environment_settings settings, directory_hold hold)
    : settings_(std::move(settings)), hold_(std::move(hold)) {
  tables_.reserve(settings_.max_tables);
}

environment::~environment() { close(); }

result<std::unique_ptr<environment>> environment::open(environment_settings settings) {
  auto hold = directory_hold::take(settings.directory, settings.write);
  if (!hold) return std::unexpected(hold.error());
  std::unique_ptr<environment> made(new environment(std::move(settings), std::move(*hold)));
  if (auto opened = made->open_files(); !opened) return std::unexpected(opened.error());
  return made;
}

result<void> environment::open_files() {
  if (settings_.replace_unfinished && settings_.write && !was_open_) discard_unfinished(settings_.directory);
  auto facts = check_data_file(settings_.directory);
  if (!facts) return std::unexpected(facts.error());
  if (!facts->exists && (was_open_ || !settings_.write || !settings_.create)) {
    return fail(error_code::storage_not_found, "there is nothing stored in " + settings_.directory.string());
  }
  const std::uint64_t needed = facts->exists ? (facts->last_page + 1) * facts->page_size : 0;
  std::uint64_t map_size = std::max(settings_.map_size, needed);
  int code = try_open(map_size);
  // Address space may be limited (ulimit -v, a sanitizer): less will do, and it can grow.
  while (code == ENOMEM && map_size / 2 >= std::max(least_map_size, needed)) code = try_open(map_size /= 2);
  if (code != 0) {
    if (!facts->exists) discard_unfinished(settings_.directory);
    return std::unexpected(trouble(code, settings_.directory, "open data.mdb"));
  }

  was_open_ = true;
  int dead = 0;
  ::mdb_reader_check(env_, &dead);  // slots of processes that were killed would keep old pages for ever
  if (settings_.write) {
    mdb_filehandle_t fd = -1;
    ::mdb_env_get_fd(env_, &fd);
    file_ = data_file(fd, settings_.directory);
  }
  for (auto& known : tables_) {
    if (auto opened = open_known_table(known); !opened) {
      close();
      return opened;
    }
  }
  return {};
}

int environment::try_open(std::uint64_t map_size) {
  int code = ::mdb_env_create(&env_);
  if (code != 0) return code;
  const unsigned flags = MDB_NOTLS | (settings_.write ? 0U : unsigned{MDB_RDONLY}) |
                         (settings_.durability == flush::meta_later ? unsigned{MDB_NOMETASYNC} : 0U);
  code = ::mdb_env_set_mapsize(env_, map_size);
  if (code == 0) code = ::mdb_env_set_maxdbs(env_, settings_.max_tables);
  if (code == 0) code = ::mdb_env_set_maxreaders(env_, max_readers);
  if (code == 0) {
    const quiet_file_limit quiet;
    code = ::mdb_env_open(env_, settings_.directory.c_str(), flags, 0644);
  }
  if (code != 0) return close(), code;
  MDB_envinfo facts{};
  ::mdb_env_info(env_, &facts);
  map_size_ = facts.me_mapsize;
  return 0;
}

void environment::close() {
  if (env_ != nullptr) ::mdb_env_close(std::exchange(env_, nullptr));
}

failure environment::down() const {
  return down_.value_or(failure{error_code::storage_closed, settings_.directory.string() + " is closed"});
}

bool environment::is_down() {
  std::lock_guard turn(writer_);
  return env_ == nullptr;
}

std::uint64_t environment::map_size() {
  std::lock_guard turn(writer_);
  return map_size_;
}

std::uint64_t environment::file_size() {
  std::lock_guard turn(writer_);
  return file_.size();
}

result<void> environment::reopen() {
  std::lock_guard turn(writer_);
  const closed_gate alone(readers_);
  close();
  auto opened = open_files();
  down_.reset();
  if (!opened) down_ = failure{error_code::storage_closed, opened.error().text};
  return opened;
}

result<table> environment::open_table(const std::string& name, table_keys keys) {
  std::lock_guard turn(writer_);
  const closed_gate alone(readers_);
  if (env_ == nullptr) return std::unexpected(down());
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    if (tables_[i].name == name) return table{i};
  }
  known_table known{name, keys == table_keys::integer ? unsigned{MDB_INTEGERKEY} : 0U};
  if (auto opened = open_known_table(known); !opened) return std::unexpected(opened.error());
  tables_.push_back(std::move(known));
  return table{tables_.size() - 1};
}

// In a transaction of its own and with nobody else inside: LMDB wants handles opened by one transaction at a
// time.
result<void> environment::open_known_table(known_table& known) {
  MDB_txn* txn = nullptr;
  int code = ::mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
  if (code == MDB_MAP_RESIZED && (code = ::mdb_env_set_mapsize(env_, 0)) == 0) {
    code = ::mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
  }
  if (code == 0) code = ::mdb_dbi_open(txn, known.name.c_str(), known.flags, &known.dbi);
  if (code == 0) code = ::mdb_txn_commit(std::exchange(txn, nullptr));
  if (txn != nullptr) ::mdb_txn_abort(txn);
  if (code != MDB_NOTFOUND) {
    if (code == 0) return {};
    return std::unexpected(trouble(code, settings_.directory, "open the table " + known.name));
  }
  if (!settings_.write)
    return fail(error_code::storage_not_found,
                "no table " + known.name + " in " + settings_.directory.string());

  if (auto room = make_room({1, 1024}); !room) return room;
  code = ::mdb_txn_begin(env_, nullptr, 0, &txn);
  if (code == 0) code = ::mdb_dbi_open(txn, known.name.c_str(), known.flags | MDB_CREATE, &known.dbi);
  if (code == 0) {
    const quiet_file_limit quiet;
    code = ::mdb_txn_commit(std::exchange(txn, nullptr));
  }
  if (txn != nullptr) ::mdb_txn_abort(txn);
  if (code != 0) return std::unexpected(trouble(code, settings_.directory, "make the table " + known.name));
  cover_last_page();
  return {};
}

result<std::vector<std::string>> environment::table_names() {
  std::lock_guard turn(writer_);
  const closed_gate alone(readers_);
  if (env_ == nullptr) return std::unexpected(down());
  std::vector<std::string> names;
  MDB_txn* txn = nullptr;
  MDB_dbi main = 0;
  MDB_cursor* cursor = nullptr;
  int code = ::mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
  if (code == 0) code = ::mdb_dbi_open(txn, nullptr, 0, &main);
  if (code == 0) code = ::mdb_cursor_open(txn, main, &cursor);
  MDB_val key{}, value{};
  while (code == 0 && (code = ::mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
    names.emplace_back(static_cast<const char*>(key.mv_data), key.mv_size);
  }
  if (cursor != nullptr) ::mdb_cursor_close(cursor);
  if (txn != nullptr) ::mdb_txn_abort(txn);
  if (code != MDB_NOTFOUND) return std::unexpected(trouble(code, settings_.directory, "list tables"));
  return names;
}

result<read_transaction> environment::begin_read() {
  for (;;) {
    readers_.enter();
    if (env_ == nullptr) {
      auto why = down();
      readers_.leave();
      return std::unexpected(std::move(why));
    }
    MDB_txn* txn = nullptr;
    int code = ::mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
    if (code == 0) return read_transaction(this, txn);
    readers_.leave();
    if (code == MDB_MAP_RESIZED) code = adopt_grown_map();  // a writer in another process grew it
    if (code != 0) return std::unexpected(trouble(code, settings_.directory, "begin to read"));
  }
}

int environment::adopt_grown_map() {
  std::lock_guard turn(writer_);
  const closed_gate alone(readers_);
  if (env_ == nullptr) return 0;
  const int code = ::mdb_env_set_mapsize(env_, 0);
  MDB_envinfo facts{};
  ::mdb_env_info(env_, &facts);
  map_size_ = facts.me_mapsize;
  return code;
}

result<write_transaction> environment::begin_write(planned_work work) {
  std::unique_lock turn(writer_);
  if (!settings_.write)
    return fail(error_code::journal_read_only, settings_.directory.string() + " is open for reading only");
  if (env_ == nullptr) return std::unexpected(down());
  if (auto room = make_room(work); !room) return std::unexpected(room.error());
  MDB_txn* txn = nullptr;
  if (const int code = ::mdb_txn_begin(env_, nullptr, 0, &txn); code != 0) {
    return std::unexpected(trouble(code, settings_.directory, "begin to write"));
  }
  return write_transaction(this, txn, std::move(turn));
}

result<void> environment::make_room(planned_work work) {
  MDB_envinfo facts{};
  MDB_stat tree{};
  ::mdb_env_info(env_, &facts);
  ::mdb_env_stat(env_, &tree);
  const std::uint64_t used = facts.me_last_pgno + 1;
  const std::uint64_t bytes = (used + pages_for(work, used, tree.ms_psize)) * tree.ms_psize;
  if (bytes > map_size_) {
    if (auto grown = grow_map(bytes); !grown) return grown;
  }
  if (bytes <= file_.size()) return {};
  int dead = 0;
  ::mdb_reader_check(env_, &dead);
  return file_.cover(bytes, map_size_);
}

result<void> environment::grow_map(std::uint64_t bytes) {
  if (bytes > settings_.max_map_size) {
    return fail(error_code::storage_map_full,
                settings_.directory.string() + " would need a map of " + std::to_string(bytes) +
                    " bytes and may have " + std::to_string(settings_.max_map_size) + "; raise max_map_size");
  }
  const std::uint64_t wished = std::min(std::max(bytes, map_size_ * 2), settings_.max_map_size);
  const std::uint64_t size = std::max(wished / 65536 * 65536, (bytes + 65535) / 65536 * 65536);
  const closed_gate alone(readers_);
  if (const int code = ::mdb_env_set_mapsize(env_, size); code != 0) {
    // The old map is gone: open it again at the size that it had.
    auto why = trouble(code, settings_.directory, "grow the map to " + std::to_string(size) + " bytes");
    close();
    if (auto opened = open_files(); !opened) down_ = failure{error_code::storage_closed, opened.error().text};
    return fail(error_code::storage_limit, std::move(why.text));
  }
  map_size_ = size;
  return {};
}

void environment::cover_last_page() {
  MDB_envinfo facts{};
  MDB_stat tree{};
  ::mdb_env_info(env_, &facts);
  ::mdb_env_stat(env_, &tree);
  file_.stretch((facts.me_last_pgno + 1) * tree.ms_psize);
}

}  // namespace quipu::storage
