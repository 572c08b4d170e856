#include "jetstream/known_journal.hpp"

#include <quipu/journal/record.hpp>

#include "jetstream/api.hpp"
#include "jetstream/stream.hpp"

#include <chrono>
#include <thread>

namespace quipu::journal::jetstream {
namespace {

using namespace std::chrono_literals;

// A new leader may not have applied yet what its predecessor acknowledged, and a cluster that starts may not know its
// streams: only what stays so is believed.
constexpr auto benefit_of_doubt = 8s;
constexpr auto between_looks = 250ms;

std::string all_lines(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += "\n  " + line;
  return out;
}

}  // namespace

result<void> known_journal::inspect(client& over) {
  const auto until = std::chrono::steady_clock::now() + benefit_of_doubt;
  for (;;) {
    auto looked = look(over);
    const bool doubtful = !looked && about_ && looked.error().kind != failure_kind::unavailable;
    if (!doubtful || std::chrono::steady_clock::now() > until) return looked;
    std::this_thread::sleep_for(between_looks);
  }
}

result<void> known_journal::look(client& over) {
  const auto& where = over.where();
  auto info = call_well(over, api_subject("STREAM.INFO", where.name), nullptr);
  if (!info) {
    if (info.error().kind == failure_kind::not_found && about_)
      return fail(error_code::stream_gone,
                  where.place() + ": the stream is gone from the server. Restore it, then open again.");
    return std::unexpected(std::move(info.error()));
  }
  // Once: only a cluster's own leader answers, who may be another one than the stream's, or none at this moment.
  if (!server_) {
    auto server = call(over, "$JS.API.INFO", nullptr);
    if (!server) return std::unexpected(std::move(server.error()));
    server_ = std::move(server->body);
  }
  const subjects names(where.name, 0);
  auto got = over.ask({.subject = api_subject("STREAM.MSG.GET", where.name),
                       .payload = payload_of({{"last_by_subj", names.header()}})});
  if (!got) return std::unexpected(failure_of(got.error()));
  auto header = read_message(*got);
  if (!header) return std::unexpected(std::move(header.error()));
  if (!*header && about_)
    return fail(error_code::stream_replaced,
                where.place() +
                    ": the stream has no header any more: it is not the journal that "
                    "was opened. Restore it, then open again.");
  if (!*header)
    return fail(error_code::stream_no_header,
                where.place() +
                    ": the stream has no header yet: its creation was interrupted. "
                    "Create the journal again.");
  auto found = decode_header((*header)->data);
  if (!found) return std::unexpected(std::move(found.error()));
  if (const auto wrong = preflight(*info, *server_, where); !wrong.empty())
    return fail(error_code::server_unsafe, where.place() + " is not safe to use:" + all_lines(wrong));
  if (!about_) keeping_ = keeping_of(*info, *server_, where);
  one_copy_ = number_at(*info, "config", "num_replicas") <= 1;
  return compare(std::move(*found), number_at(*info, "state", "last_seq"), over);
}

result<void> known_journal::compare(identity found, record_number last, client& over) {
  const auto place = over.where().place();
  if (!about_) {
    if (over.max_payload() < found.max_record_bytes + header_room)
      return fail(error_code::server_max_payload,
                  place + ": the server takes messages of " + std::to_string(over.max_payload()) +
                      " bytes, this journal has records of up to " + std::to_string(found.max_record_bytes) +
                      ": raise max_payload to " + std::to_string(found.max_record_bytes + header_room) +
                      " or more.");
    about_ = std::move(found);
    return {};
  }
  if (found.lineage != about_->lineage || found.incarnation != about_->incarnation)
    return fail(error_code::stream_replaced, place + ": another journal lies there now (incarnation " +
                                                 found.incarnation.hex() + " instead of " +
                                                 about_->incarnation.hex() +
                                                 "): it is not continued. Check the server's store.");
  if (const auto known = newest().number; last < known)
    return fail(error_code::journal_lost_records,
                place + ": the stream ends at record " + std::to_string(last) + ", but record " +
                    std::to_string(known) +
                    " had been acknowledged: the server lost acknowledged records (a power cut "
                    "without sync_interval: always, or an old store). Open again to go on from "
                    "what it kept.");
  return find_newest(over);
}

// Long enough is not enough: another owner may have gone on from what an older store kept, up to the same numbers, and the
// server would then take our next record for its place.
result<void> known_journal::find_newest(client& over) const {
  const auto known = newest();
  if (known.number == 0) return {};
  const auto& where = over.where();
  auto got = over.ask(
      {.subject = api_subject("STREAM.MSG.GET", where.name), .payload = payload_of({{"seq", known.number}})});
  if (!got) return std::unexpected(failure_of(got.error()));
  const auto found = read_message(*got);
  if (!found) return std::unexpected(found.error());
  if (!*found && where.allows_deletes) return {};
  if (*found)
    if (const auto there = record_view::decode((*found)->data); there && there->stamp().id == known.id)
      return {};
  return fail(
      error_code::journal_lost_records,
      where.place() + ": record " + std::to_string(known.number) +
          " had been acknowledged, and is not the one that lies there now: the server lost acknowledged "
          "records, and another owner wrote in their place. Open again to go on from there.");
}

void known_journal::saw(record_number number, id128 id) {
  const std::scoped_lock lock(guard_);
  if (newest_.number < number) newest_ = {number, id};
}

known_journal::seen known_journal::newest() const {
  const std::scoped_lock lock(guard_);
  return newest_;
}

}  // namespace quipu::journal::jetstream
