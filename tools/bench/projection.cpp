// A rebuild of the bank's balances, and of its statement, from every event of a journal; beside each a bare LMDB program that
// writes the same rows and marks, one put each, and reads and decodes nothing.
#include "balances.hpp"
#include "load.hpp"
#include "statement.hpp"

#include <quipu/journal/open.hpp>
#include <quipu/projections/read_models.hpp>

#include <lmdb.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::uint64_t events_a_transaction = 32'768;

void must(int code) {
  if (code == 0) return;
  std::fprintf(stderr, "lmdb: %s\n", mdb_strerror(code));
  std::exit(3);
}

/// An event as the bare programs need it.
struct plain_event {
  std::uint64_t account;
  std::uint64_t sequence;
};

std::vector<plain_event> all_events(const setting& how) {
  std::vector<plain_event> list;
  std::vector<std::uint64_t> sequences(how.accounts, 0);
  for (std::uint64_t i = 0; i < how.accounts; ++i) list.push_back({i, ++sequences[i]});
  for (std::uint64_t i = 0; i < how.commands; ++i) {
    const auto account = account_of(i, how);
    list.push_back({account, ++sequences[account]});
  }
  return list;
}

/// `row(txn, event)` puts the row; the mark goes with it.
template <class F>
double bare(const setting& how, const std::vector<plain_event>& events, const char* name, F&& row) {
  const auto directory = how.directory / "bare" / name;
  std::filesystem::create_directories(directory);
  MDB_env* env = nullptr;
  must(mdb_env_create(&env));
  must(mdb_env_set_mapsize(env, std::size_t{16} << 30U));
  must(mdb_env_set_maxdbs(env, 2));
  must(mdb_env_open(env, directory.c_str(), MDB_NOMETASYNC, 0644));
  MDB_txn* txn = nullptr;
  MDB_dbi rows = 0;
  MDB_dbi marks = 0;
  must(mdb_txn_begin(env, nullptr, 0, &txn));
  must(mdb_dbi_open(txn, "rows", MDB_CREATE, &rows));
  must(mdb_dbi_open(txn, "marks", MDB_CREATE, &marks));
  must(mdb_txn_commit(txn));
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < how.accounts; ++i) names.push_back("account/" + account_name(i));
  const auto start = clock::now();
  for (std::size_t i = 0; i < events.size();) {
    must(mdb_txn_begin(env, nullptr, 0, &txn));
    for (const auto end = std::min<std::size_t>(i + events_a_transaction, events.size()); i < end; ++i) {
      const auto& event = events[i];
      row(txn, rows, event, names[event.account]);
      const std::uint64_t mark[2] = {event.sequence, 0};
      MDB_val key{names[event.account].size(), names[event.account].data()};
      MDB_val value{sizeof mark, const_cast<std::uint64_t*>(mark)};
      must(mdb_put(txn, marks, &key, &value, 0));
    }
    must(mdb_txn_commit(txn));
  }
  const double seconds = seconds_since(start);
  mdb_env_close(env);
  return static_cast<double>(events.size()) / seconds;
}

double bare_balances(const setting& how, const std::vector<plain_event>& events) {
  const auto packed = quipu::pack(bank::BalanceRowT{.owner = "owner", .amount = 1});
  std::string row(quipu::as_text(packed));
  return bare(how, events, "balances",
              [&](MDB_txn* txn, MDB_dbi rows, const plain_event& event, std::string& name) {
                std::memcpy(row.data() + row.size() - 8, &event.sequence, 8);  // some other bytes every time
                MDB_val key{name.size() - 8, name.data() + 8};
                MDB_val value{row.size(), row.data()};
                must(mdb_put(txn, rows, &key, &value, 0));
              });
}

double bare_statement(const setting& how, const std::vector<plain_event>& events) {
  const auto packed = quipu::pack(bank::StatementRowT{.what = "deposited", .amount = 1, .time = 1});
  std::string row(quipu::as_text(packed));
  return bare(how, events, "statement",
              [&](MDB_txn* txn, MDB_dbi rows, const plain_event& event, std::string& name) {
                std::string id;
                quipu::model::key_codec<quipu::event_key>::encode("account", std::string_view(name).substr(8),
                                                                  event.sequence, id);
                MDB_val key{id.size(), id.data()};
                MDB_val value{row.size(), row.data()};
                must(mdb_put(txn, rows, &key, &value, 0));
              });
}

/// Events a second of a rebuild from the start; negative where it failed.
template <class P>
double rebuild(const setting& how, quipu::journal::journal& from, const char* name, double events) {
  quipu::read_models models(how.directory / name);
  const auto end = from.summarize();
  if (!end) return -1;
  const auto start = clock::now();
  auto projector = models.rebuild<P>(from);
  if (!projector) {
    std::fprintf(stderr, "%s\n", projector.error().text.c_str());
    return -1;
  }
  const auto done = (*projector)->wait_for(quipu::position::start_of(end->last), std::chrono::minutes(10));
  if (!done) std::fprintf(stderr, "%s\n", done.error().text.c_str());
  return done ? events / seconds_since(start) : -1;
}

}  // namespace

int projection(const setting& how) {
  std::filesystem::remove_all(how.directory);
  {
    auto bank = open_bank(how);
    if (!bank || !open_accounts(*bank, how)) return 3;
    deposit(*bank, how);
  }
  const auto journal = quipu::journal::open(
      how.journal, {.mode = quipu::journal::access::read, .node_directory = how.directory});
  if (!journal) {
    std::fprintf(stderr, "%s\n", journal.error().text.c_str());
    return 3;
  }
  const auto events = all_events(how);
  const auto count = static_cast<double>(events.size());
  std::printf("rebuild from %zu events of %llu accounts\n", events.size(),
              static_cast<unsigned long long>(how.accounts));
  for (int round = 0; round < how.rounds; ++round) {
    const auto in = std::to_string(round);
    const double balances = rebuild<samples::balances>(how, **journal, ("b" + in).c_str(), count);
    std::filesystem::remove_all(how.directory / "bare");
    const double balances_bare = bare_balances(how, events);
    const double memory = anonymous_mb();
    const double statement = rebuild<samples::statement>(how, **journal, ("s" + in).c_str(), count);
    std::filesystem::remove_all(how.directory / "bare");
    const double statement_bare = bare_statement(how, events);
    if (balances < 0 || statement < 0) return 1;
    std::printf("  balances  %9.0f events/s   bare %9.0f   ratio %.2f   (%.0f MB anonymous)\n", balances,
                balances_bare, balances / balances_bare, memory);
    std::printf("  statement %9.0f events/s   bare %9.0f   ratio %.2f   (%.0f MB anonymous)\n", statement,
                statement_bare, statement / statement_bare, anonymous_mb());
    for (const auto& name : {"b" + in, "s" + in, std::string("bare")})
      std::filesystem::remove_all(how.directory / name);
  }
  return 0;
}

}  // namespace bench
