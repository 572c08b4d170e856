#include "reactions/first_look.hpp"

#include "reactions/outbox_row.hpp"

#include <quipu/journal/command_source.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace quipu::reacting {
namespace {

using journal::fail;
using journal::result;

struct looked_through {
  position end;
  std::optional<std::string> sent;  ///< what one of its commands led to that the store does not know of
};

result<looked_through> look_through(journal::journal& from, std::uint64_t reaction, position seen) {
  looked_through out;
  const auto all = from.read(std::max<record_number>(seen.record(), 1));
  for (;;) {
    auto record = all->next();
    if (!record) return std::unexpected(record.error());
    if (!*record) return out;
    const auto view = journal::record_view::decode((*record)->data);
    if (!view) return std::unexpected(view.error());
    const auto events = view->event_count();
    out.end = position::of((*record)->number, events == 0 ? 0 : events - 1);
    for (std::uint32_t i = 0; i < view->commit_count(); ++i) {
      const auto commit = view->commit_at(i);
      if (commit.source && commit.source->reaction == reaction && commit.source->at > seen)
        out.sent = journal::event_id(commit.category, commit.key, commit.first_sequence);
    }
  }
}

result<std::optional<position>> kept_begin(const projecting::opened_store& store) {
  projecting::committed_rows rows(store);
  try {
    const auto row = rows.get(projecting::own_tables + begin_table, begin_key);
    if (!row) return std::nullopt;
    return position_in(as_text(*row));
  } catch (const port::row_trouble& why) {
    return std::unexpected(why.why);
  } catch (const port::damaged_payload& damage) {
    return fail(error_code::projection_damaged, damage.what());
  }
}

result<void> keep_begin(const projecting::opened_store& store, position at) {
  auto write = store.environment->begin_write({1, 256});
  if (!write) return std::unexpected(write.error());
  const auto put = write->put(store.tables[projecting::own_tables + begin_table], as_bytes(begin_key),
                              as_bytes(bytes_of(at)));
  if (!put) return put;
  return write->commit();
}

}  // namespace

result<position> begin_of(const port::reaction_type& what, const projecting::opened_store& store,
                          journal::journal& from, reaction_begin begin) {
  const auto kept = kept_begin(store);
  if (!kept) return std::unexpected(kept.error());
  const auto progress = projecting::load_progress(store, 0);
  if (!progress) return std::unexpected(progress.error());
  const auto seen = std::max(progress->at.position, kept->value_or(position{}));
  const auto found = look_through(from, reaction_hash(what.name), seen);
  if (!found) return std::unexpected(found.error());
  if (seen == position{} && begin == reaction_begin::journal_end) {
    if (auto done = keep_begin(store, found->end); !done) return std::unexpected(done.error());
    return found->end;
  }
  if (!found->sent) return kept->value_or(position{});
  const auto where = store.environment->directory().string();
  return fail(
      error_code::reaction_store_lost,
      "the journal has a command of reaction " + what.name + ", " + *found->sent + ", that its store in " +
          where + " does not know of: the store was lost, is an older copy, or lies in another directory. " +
          "Restore that directory; or remove " + where +
          " and begin with reaction_begin::journal_end, and look yourself for events whose commands were "
          "on their way");
}

}  // namespace quipu::reacting
