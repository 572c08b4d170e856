// The ceiling: partitions on threads that add up amounts and append 120 bytes an event, one batch in flight
// each, group commit into LMDB with fsync, answers after it. No decisions, types, schemas, repeats, snapshots
// or bounds.
#include "bench.hpp"
#include "load.hpp"

#include <lmdb.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

struct bare_command {
  std::string key;
  std::int64_t amount = 0;
  std::function<void(std::int64_t)> answer;
};

void must(int code) {
  if (code == 0) return;
  std::fprintf(stderr, "lmdb: %s\n", mdb_strerror(code));
  std::exit(3);
}

/// One thread; everything that waits goes into one transaction.
class bare_journal {
 public:
  explicit bare_journal(const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory);
    must(mdb_env_create(&env_));
    must(mdb_env_set_mapsize(env_, std::size_t{16} << 30U));
    must(mdb_env_open(env_, directory.c_str(), 0, 0644));
    MDB_txn* txn = nullptr;
    must(mdb_txn_begin(env_, nullptr, 0, &txn));
    must(mdb_dbi_open(txn, nullptr, MDB_INTEGERKEY, &log_));
    must(mdb_txn_commit(txn));
    thread_ = std::thread([this] { run(); });
  }
  ~bare_journal() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
    mdb_env_close(env_);
  }
  void append(std::string bytes, std::function<void()> done) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back({std::move(bytes), std::move(done)});
    }
    wake_.notify_one();
  }
  std::uint64_t records() const { return number_; }

 private:
  struct request {
    std::string bytes;
    std::function<void()> done;
  };
  void run() {
    std::vector<request> group;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stop_ || !queue_.empty(); });
        if (queue_.empty()) return;
        group.swap(queue_);
      }
      MDB_txn* txn = nullptr;
      must(mdb_txn_begin(env_, nullptr, 0, &txn));
      for (auto& one : group) {
        ++number_;
        MDB_val key{sizeof number_, &number_};
        MDB_val value{one.bytes.size(), one.bytes.data()};
        must(mdb_put(txn, log_, &key, &value, MDB_APPEND));
      }
      must(mdb_txn_commit(txn));
      for (auto& one : group) one.done();
      group.clear();
    }
  }

  MDB_env* env_ = nullptr;
  MDB_dbi log_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<request> queue_;
  std::uint64_t number_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

struct bare_partition {
  std::mutex mutex;
  std::vector<bare_command> inbox;
  bool landed = false;
  bool scheduled = false;

  std::unordered_map<std::string, std::int64_t> balances;
  std::string open;
  std::vector<std::pair<std::function<void(std::int64_t)>, std::int64_t>> waiting, flying;
  bool in_flight = false;
};

/// Partitions that have something to do, worked off by a few threads.
class bare_bank {
 public:
  explicit bare_bank(const setting& how) : journal_(how.directory), partitions_(how.partitions) {
    const unsigned threads = how.threads != 0 ? how.threads : std::thread::hardware_concurrency();
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }
  ~bare_bank() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }
  void send(std::size_t index, std::vector<bare_command>&& commands) {
    auto& p = partitions_[index];
    {
      const std::lock_guard lock(p.mutex);
      std::ranges::move(commands, std::back_inserter(p.inbox));
      if (std::exchange(p.scheduled, true)) return;
    }
    schedule(p);
  }
  std::uint64_t records() const { return journal_.records(); }

 private:
  void schedule(bare_partition& p) {
    {
      const std::lock_guard lock(mutex_);
      ready_.push_back(&p);
    }
    wake_.notify_one();
  }
  void run() {
    for (;;) {
      bare_partition* p = nullptr;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stop_ || !ready_.empty(); });
        if (ready_.empty()) return;
        p = ready_.front();
        ready_.pop_front();
      }
      work(*p);
    }
  }
  void work(bare_partition& p) {
    std::vector<bare_command> inbox;
    bool landed = false;
    {
      const std::lock_guard lock(p.mutex);
      inbox.swap(p.inbox);
      landed = std::exchange(p.landed, false);
    }
    std::vector<std::pair<std::function<void(std::int64_t)>, std::int64_t>> answers;
    if (landed) {
      p.in_flight = false;
      answers.swap(p.flying);
    }
    for (auto& c : inbox) {
      auto& balance = p.balances[c.key];
      balance += c.amount;
      char event[120] = {};
      std::memcpy(event, &c.amount, sizeof c.amount);
      std::memcpy(event + 8, c.key.data(), std::min<std::size_t>(c.key.size(), 32));
      p.open.append(event, sizeof event);
      p.waiting.emplace_back(std::move(c.answer), balance);
    }
    if (!p.in_flight && !p.open.empty()) {
      p.in_flight = true;
      p.flying.swap(p.waiting);
      journal_.append(std::exchange(p.open, {}), [this, &p] {
        {
          const std::lock_guard lock(p.mutex);
          p.landed = true;
          if (std::exchange(p.scheduled, true)) return;
        }
        schedule(p);
      });
    }
    for (auto& [answer, balance] : answers) answer(balance);
    {
      const std::lock_guard lock(p.mutex);
      if (p.inbox.empty() && !p.landed) {
        p.scheduled = false;
        return;
      }
    }
    schedule(p);
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<bare_partition*> ready_;
  bool stop_ = false;
  bare_journal journal_;
  std::deque<bare_partition> partitions_;
  std::vector<std::thread> threads_;
};

}  // namespace

figures run_skeleton(const setting& how) {
  std::mutex mutex;
  std::condition_variable room;
  std::atomic<std::uint64_t> open{0};
  std::vector<float> latencies(how.commands);
  bare_bank bank(how);
  std::vector<std::vector<bare_command>> lists(how.partitions);
  const auto start = clock::now();
  for (std::uint64_t first = 0; first < how.commands; first += how.together) {
    const auto count = std::min<std::uint64_t>(how.together, how.commands - first);
    {
      std::unique_lock lock(mutex);
      room.wait(lock, [&] { return open.load() + count <= how.outstanding; });
      open += count;
    }
    const auto sent = clock::now();
    for (std::uint64_t i = first; i < first + count; ++i) {
      auto key = account_name(account_of(i, how));
      const auto partition = std::hash<std::string>{}(key) % how.partitions;
      lists[partition].push_back({std::move(key), 1, [&, i, sent](std::int64_t) {
                                    latencies[i] =
                                        std::chrono::duration<float, std::milli>(clock::now() - sent).count();
                                    if (--open != how.outstanding - how.outstanding / 4 && open.load() != 0)
                                      return;
                                    const std::lock_guard lock(mutex);
                                    room.notify_one();
                                  }});
    }
    for (std::size_t p = 0; p < lists.size(); ++p)
      if (!lists[p].empty()) bank.send(p, std::exchange(lists[p], {}));
  }
  {
    std::unique_lock lock(mutex);
    room.wait(lock, [&] { return open.load() == 0; });
  }
  const double seconds = std::chrono::duration<double>(clock::now() - start).count();
  return summarize(latencies, seconds,
                   static_cast<double>(how.commands) / static_cast<double>(bank.records()));
}

}  // namespace bench
