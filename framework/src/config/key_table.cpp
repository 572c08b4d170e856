#include "config/key_table.hpp"

#include "config/value_text.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace quipu::config {
namespace {

constexpr std::int64_t no_less = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t uint32_most = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t ten_years_ms = 10LL * 365 * 24 * 3600 * 1000;  // so that no sum with a clock runs over

constexpr range counts(std::int64_t least, std::int64_t most = uint32_most) { return {least, most}; }
constexpr range bytes(std::int64_t least, std::int64_t most = uint32_most) { return {least, most}; }
constexpr range time(std::int64_t least) { return {least, ten_years_ms}; }

// The member of options that a row is about.
#define QUIPU_MEMBER(member) [](options& how) -> slot { return &how.member; }

constexpr key table[] = {
    {"directory",
     form::path,
     QUIPU_MEMBER(directory),
     {},
     "QUIPU_DIRECTORY",
     "What the node keeps: `journal/` (for `lmdb:`) and `checkpoints/`. Made when missing; one process at a "
     "time. Must be "
     "given."},
    {"journal",
     form::text,
     QUIPU_MEMBER(journal),
     {},
     "QUIPU_JOURNAL",
     "`lmdb:` (in the directory), `lmdb:PATH`, `nats://HOST:PORT/NAME` or `memory:`.",
     shown::as_url},
    {"login.user",
     form::text,
     QUIPU_MEMBER(login.user),
     {},
     "QUIPU_NATS_USER",
     "For a server that asks who one is; with `login.password`."},
    {"login.password",
     form::text,
     QUIPU_MEMBER(login.password),
     {},
     "QUIPU_NATS_PASSWORD",
     "Counts with `login.user` only.",
     shown::never},
    {"login.token",
     form::text,
     QUIPU_MEMBER(login.token),
     {},
     "QUIPU_NATS_TOKEN",
     "Instead of user and password.",
     shown::never},
    {"login.nkey",
     form::text,
     QUIPU_MEMBER(login.nkey),
     {},
     "QUIPU_NATS_NKEY",
     "The public key (`U…`) of `login.nkey_seed`."},
    {"login.nkey_seed",
     form::path,
     QUIPU_MEMBER(login.nkey_seed),
     {},
     "QUIPU_NATS_NKEY_SEED",
     "A file that holds the NKEY seed (`SU…`)."},
    {"login.credentials",
     form::path,
     QUIPU_MEMBER(login.credentials),
     {},
     "QUIPU_NATS_CREDS",
     "A `.creds` file: JWT and seed."},
    {"login.ca",
     form::path,
     QUIPU_MEMBER(login.ca),
     {},
     "QUIPU_NATS_CA",
     "Certificates (PEM) that may sign the server's; empty: the system's. Given: TLS."},
    {"login.certificate",
     form::path,
     QUIPU_MEMBER(login.certificate),
     {},
     "QUIPU_NATS_CERT",
     "The client's own (PEM), where the server asks for one."},
    {"login.key", form::path, QUIPU_MEMBER(login.key), {}, "QUIPU_NATS_KEY", "Its private key (PEM)."},
    {"partitions", form::count, QUIPU_MEMBER(partitions), counts(1, 4096), "QUIPU_PARTITIONS",
     "Of a journal that this opening creates; an existing one keeps its own. Each is ordered and owned by "
     "itself: more of "
     "them, more batches at once."},
    {"replicas", form::count, QUIPU_MEMBER(replicas), counts(1, 5), "QUIPU_REPLICAS",
     "Likewise, of `nats://`: servers of a cluster that keep a copy."},
    {"take_over",
     form::flag,
     QUIPU_MEMBER(take_over),
     {},
     "QUIPU_TAKE_OVER",
     "Open although another process answers as the owner (`nats://`): it is fenced."},
    {"threads", form::count, QUIPU_MEMBER(threads), counts(0, 1024), "QUIPU_THREADS",
     "That run domain code and callbacks; 0: one a core."},
    {"admission.commands_per_partition", form::count, QUIPU_MEMBER(admission.commands_per_partition),
     counts(1), "QUIPU_ADMISSION_COMMANDS_PER_PARTITION",
     "Admitted and not done with; past it the newest is `overloaded`, or its caller waits. Bounds the wait."},
    {"admission.bytes_per_partition", form::size, QUIPU_MEMBER(admission.bytes_per_partition),
     bytes(1, std::numeric_limits<std::int64_t>::max()), "QUIPU_ADMISSION_BYTES_PER_PARTITION",
     "Likewise, in memory. Bounds the node's."},
    {"admission.waiting_per_partition", form::count, QUIPU_MEMBER(admission.waiting_per_partition), counts(0),
     "QUIPU_ADMISSION_WAITING_PER_PARTITION",
     "Commands in line for room without a thread (`offer`); past it `overloaded` at once."},
    {"entities.commands_per_entity", form::count, QUIPU_MEMBER(entities.commands_per_entity), counts(1),
     "QUIPU_ENTITIES_COMMANDS_PER_ENTITY",
     "Waiting or in flight; past it `overloaded`: one hot key leaves room for others."},
    {"entities.events_per_command", form::count, QUIPU_MEMBER(entities.events_per_command), counts(1),
     "QUIPU_ENTITIES_EVENTS_PER_COMMAND",
     "Past it the command is `refused`; all of them must fit into one record."},
    {"entities.reply_bytes", form::size, QUIPU_MEMBER(entities.reply_bytes), bytes(0),
     "QUIPU_ENTITIES_REPLY_BYTES", "Of one reply; past it `refused`. Replies are kept for repeats."},
    {"entities.state_bytes", form::size, QUIPU_MEMBER(entities.state_bytes), bytes(1),
     "QUIPU_ENTITIES_STATE_BYTES", "Of a saved state; past it `refused`."},
    {"entities.resident_per_partition", form::count, QUIPU_MEMBER(entities.resident_per_partition), counts(1),
     "QUIPU_ENTITIES_RESIDENT_PER_PARTITION",
     "Entities in memory; the others are loaded when they are asked."},
    {"recovery_target", form::duration, QUIPU_MEMBER(recovery_target), time(1), "QUIPU_RECOVERY_TARGET",
     "How long replaying all tails may take after a crash: snapshots are taken so that the prediction stays "
     "below."},
    {"snapshots.every_events", form::count, QUIPU_MEMBER(snapshots.every_events), counts(0),
     "QUIPU_SNAPSHOTS_EVERY_EVENTS", "Besides: after that many events of one entity; 0: off."},
    {"snapshots.every", form::duration, QUIPU_MEMBER(snapshots.every), time(0), "QUIPU_SNAPSHOTS_EVERY",
     "Besides: that long after an entity's first unsaved event; 0: off."},
    {"retry_quarantined",
     form::flag,
     QUIPU_MEMBER(retry_quarantined),
     {},
     "QUIPU_RETRY_QUARANTINED",
     "Replay entities in quarantine anew: their program has been mended."},
    {"deadline", form::duration, QUIPU_MEMBER(deadline), time(no_less), "QUIPU_DEADLINE",
     "Of asks that name none: then the caller is told that the outcome is unknown; 0: none."},
    {"open_within", form::duration, QUIPU_MEMBER(open_within), time(1), "QUIPU_OPEN_WITHIN",
     "How long opening waits for the journal. Replay is not counted."},
    {"settle_within", form::duration, QUIPU_MEMBER(settle_within), time(1), "QUIPU_SETTLE_WITHIN",
     "An append whose outcome stays unknown for longer is given up, so that its callers can be told."},
    {"close_within", form::duration, QUIPU_MEMBER(close_within), time(0), "QUIPU_CLOSE_WITHIN",
     "What the destructor gives to answering and saving."},
    {"owner",
     form::text,
     QUIPU_MEMBER(owner),
     {},
     "QUIPU_OWNER",
     "Who claims the partitions, for people; empty: host and pid."},
    {"log.level",
     form::word,
     QUIPU_MEMBER(log.level),
     {},
     "QUIPU_LOG_LEVEL",
     "From which level on the log speaks: a library is quiet while all goes well."},
    {"log.format",
     form::word,
     QUIPU_MEMBER(log.format),
     {},
     "QUIPU_LOG_FORMAT",
     "Lines for people, or one JSON object a line."},
    {"log.file", form::path, QUIPU_MEMBER(log.file), {}, "QUIPU_LOG_FILE", "Appended to; empty: stderr."},
};

#undef QUIPU_MEMBER

const key* find(std::string_view word, std::string_view key::* spelled) {
  const auto* found = std::ranges::find(table, word, spelled);
  return found == std::end(table) ? nullptr : found;
}

/// How many letters one has to insert, remove or change to make one of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

const key* nearest(std::string_view word, std::size_t at_most, std::string_view key::* spelled) {
  const key* best = nullptr;
  for (const auto& one : table) {
    if (word.size() > (one.*spelled).size() + at_most) continue;  // and what is very long costs nothing
    const auto far = distance(word, one.*spelled);
    if (far > at_most) continue;
    at_most = far == 0 ? 0 : far - 1;
    best = &one;
  }
  return best;
}

}  // namespace

std::span<const key> all_keys() { return table; }

const key* find_key(std::string_view name) { return find(name, &key::name); }
const key* find_variable(std::string_view variable) { return find(variable, &key::variable); }

// A third of it may be wrong; the last part alone is looked for too, for it may stand in the wrong object.
const key* nearest_key(std::string_view name) {
  if (const auto* like = nearest(name, std::max<std::size_t>(2, name.size() / 3), &key::name)) return like;
  const auto last = name.substr(name.rfind('.') + 1);
  for (const auto& one : table)
    if (one.name.substr(one.name.rfind('.') + 1) == last) return &one;
  return nullptr;
}

// Other programs may have variables of that beginning too: only what is a slip of the finger is a mistake.
const key* nearest_variable(std::string_view variable) { return nearest(variable, 2, &key::variable); }

std::string out_of_range(const options& how) {
  auto copy = how;
  for (const auto& one : table)
    if (!within(one, copy))
      return "options." + std::string(one.name) + " is " + show(one, copy) + ": " + range_text(one);
  return {};
}

}  // namespace quipu::config
