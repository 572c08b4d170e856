#include "reactions/dead_commands.hpp"

#include "projections/letters.hpp"

#include <map>
#include <string>

namespace quipu::reacting {
namespace {

using journal::fail;
using projecting::name_of;

/// `visit(key, row)`, which may change the row that it is at.
template <class F>
void each_row(port::rows& outbox, F&& visit) {
  std::string at;
  for (; const auto found = outbox.at_or_after(outbox_table, at); at.push_back('\0')) {
    at = found->key;
    visit(at, row_in(found->row));
  }
}

void send_again(port::rows& outbox, const std::string& key, outbox_row row) {
  row.dead = false;
  row.attempts = 0;
  row.error.clear();
  outbox.put(outbox_table, key, as_bytes(bytes_of(row)));
}

}  // namespace

std::vector<dead_letter> dead_commands(port::rows& outbox) {
  std::vector<dead_letter> list;
  std::map<std::string, bool> stopped;
  each_row(outbox, [&](const std::string& key, const outbox_row& row) {
    const auto target = row.to_send().target();
    if (!row.dead && !stopped.contains(target)) return;
    stopped[target] = true;
    const auto time = [](std::int64_t us) { return dead_letter::time_point(std::chrono::microseconds(us)); };
    list.push_back({.event = row.event,
                    .position = row_key_in(key).at,
                    .type = row.to_send().type,
                    .target = target,
                    .attempts = row.attempts,
                    .error = row.error,
                    .first_failed = time(row.first_failed_us),
                    .last_failed = time(row.last_failed_us)});
  });
  return list;
}

journal::result<std::uint64_t> release(port::rows& outbox, const event_key& event, bool leave_out) {
  std::uint64_t count = 0;
  std::map<std::string, event_key> stopped;
  std::string behind;
  each_row(outbox, [&](const std::string& key, outbox_row row) {
    const auto target = row.to_send().target();
    if (const auto before = stopped.find(target); before != stopped.end() && row.event == event)
      behind = name_of(before->second);
    if (!row.dead) return;
    stopped.try_emplace(target, row.event);
    if (row.event != event) return;
    ++count;
    if (leave_out)
      outbox.erase(outbox_table, key);
    else
      send_again(outbox, key, std::move(row));
  });
  if (count > 0) return count;
  if (behind.empty())
    return fail(error_code::projection_no_letter, "there is no dead letter " + name_of(event));
  return fail(error_code::projection_letter_not_first,
              "the commands of " + name_of(event) + " wait behind those of " + behind +
                  ", and a target takes them in order; do that one first");
}

std::uint64_t release_all(port::rows& outbox) {
  std::uint64_t count = 0;
  each_row(outbox, [&](const std::string& key, outbox_row row) {
    if (!row.dead) return;
    ++count;
    send_again(outbox, key, std::move(row));
  });
  return count;
}

}  // namespace quipu::reacting
