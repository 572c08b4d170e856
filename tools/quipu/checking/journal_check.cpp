#include "checking/journal_check.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace quipu::tool {
namespace {

std::string missing(std::uint64_t first, std::uint64_t last) {
  return first == last
             ? "event " + std::to_string(first) + " is missing"
             : "the events " + std::to_string(first) + " to " + std::to_string(last) + " are missing";
}

journal::result<std::optional<journal::stored_record>> tail_of(journal::journal& of,
                                                               journal::partition_id partition) {
  const auto told = std::make_shared<std::promise<journal::result<std::optional<journal::stored_record>>>>();
  auto answer = told->get_future();
  of.tail(partition, [told](auto found) { told->set_value(std::move(found)); });
  return answer.get();
}

}  // namespace

journal_check::journal_check(const journal::identity& about, std::vector<journal::stored_schema> schemas,
                             bool from_start, fault_sink found)
    : about_(about),
      from_start_(from_start),
      found_(std::move(found)),
      payloads_(std::move(schemas), found_),
      partitions_(about.partitions) {}

void journal_check::place::report(const fault_sink& to, std::string_view kind, std::string what) const {
  to({.kind = kind, .record = stored.number, .partition = stored.partition, .what = std::move(what)});
}

void journal_check::take_damaged(const journal::stored_record& stored, const journal::failure& why) {
  ++figures_.records;
  figures_.bytes += stored.data.size();
  found_({.kind = fault_kind::record,
          .record = stored.number,
          .partition = stored.partition,
          .what = why.text,
          .code = why.code});
  if (stored.partition >= partitions_.size()) return;
  auto& partition = partitions_[stored.partition];
  partition.last = stored.number;
  partition.begun = true;
  partition.linked = partition.knows_epoch = false;
}

void journal_check::take_unreadable(record_number first, record_number last, const journal::failure& why) {
  found_({.kind = fault_kind::unreadable,
          .record = first,
          .last_record = last == first ? 0 : last,
          .what = why.text,
          .code = why.code});
  unreadable_.emplace_back(first, last);
  for (auto& partition : partitions_) {  // nobody knows whose they were
    partition.begun = true;
    partition.linked = partition.knows_epoch = false;
  }
}

void journal_check::take(const journal::stored_record& stored, const journal::record_view& view) {
  const place at{stored};
  ++figures_.records;
  figures_.bytes += stored.data.size();
  if (stored.partition >= partitions_.size())
    return at.report(found_, fault_kind::partition,
                     "the journal has no such partition, only " + std::to_string(partitions_.size()));
  auto& partition = partitions_[stored.partition];
  check_stamp(at, view, partition);
  const auto stamp = view.stamp();
  partition.last = stored.number;
  partition.sum = view.sum();
  partition.epoch = stamp.epoch;
  partition.record_time = stamp.time_us;
  partition.begun = partition.linked = partition.knows_epoch = true;
  if (view.is_claim()) ++figures_.claims;

  commits_.clear();
  for (std::uint32_t i = 0; i < view.commit_count(); ++i) {
    const auto commit = view.commit_at(i);
    commits_.push_back({commit, entity_id(commit.category, commit.key)});
    sequences_.prefetch(commits_.back().entity);
  }
  for (const auto& named : commits_) {
    ++figures_.commits;
    figures_.events += named.commit.event_count;
    check_commit(at, view, named, partition);
  }
  for (auto& one : payloads_.take(stored.number)) found_(std::move(one));
}

void journal_check::check_stamp(const place& at, const journal::record_view& view, cord& partition) {
  const auto stamp = view.stamp();
  if (stamp.lineage != about_.lineage || stamp.incarnation != about_.incarnation)
    at.report(found_, fault_kind::foreign,
              "it belongs to another journal, of lineage " + stamp.lineage.hex() + " and incarnation " +
                  stamp.incarnation.hex());
  if (stamp.partition != at.stored.partition)
    at.report(found_, fault_kind::partition,
              "it says that it is of partition " + std::to_string(stamp.partition));
  if (partition.linked && stamp.previous != partition.sum) {
    at.report(found_, fault_kind::chain,
              "it does not follow record " + std::to_string(partition.last) +
                  ", the one before it in its partition: records between them are missing, or one of the two "
                  "was changed or exchanged");
    partition.knows_epoch = false;
  }
  if (!partition.begun && from_start_ && stamp.previous) {
    at.report(found_, fault_kind::chain,
              "it is the first of its partition and follows another one: the records before it are missing");
    partition.begun = true;
  }
  check_epoch(at, view, partition);
  if (partition.begun && stamp.time_us < partition.record_time)
    at.report(found_, fault_kind::time, "its time lies before that of the record before it");
}

void journal_check::check_epoch(const place& at, const journal::record_view& view, const cord& partition) {
  const auto epoch = view.stamp().epoch;
  const auto number = std::to_string(epoch);
  if (!partition.begun) {
    if (from_start_ && !view.is_claim())
      at.report(found_, fault_kind::claim, "it is the first of its partition and no claim");
    return;
  }
  if (!partition.knows_epoch) return;
  const auto before = std::to_string(partition.epoch);
  if (epoch < partition.epoch)
    at.report(found_, fault_kind::epoch,
              "it is of epoch " + number + ", and the record before it of " + before);
  else if (view.is_claim() && epoch == partition.epoch)
    at.report(found_, fault_kind::epoch, "it claims epoch " + number + ", in which the partition is already");
  else if (!view.is_claim() && epoch > partition.epoch)
    at.report(found_, fault_kind::claim,
              "it is of epoch " + number + ", which no claim began: the record before it is of " + before);
}

void journal_check::check_commit(const place& at, const journal::record_view& view, const named_commit& named,
                                 cord& partition) {
  const auto& [commit, id] = named;
  const auto owner =
      journal::partition_of(journal::entity_hash(commit.category, commit.key), about_.partitions);
  if (owner != at.stored.partition)
    report(at, commit, 0, fault_kind::partition, "its entity belongs to partition " + std::to_string(owner));
  if (commit.time_us < partition.commit_time && partition.commit_time != 0)
    report(at, commit, 0, fault_kind::time, "its time lies before that of the commit before it");
  partition.commit_time = commit.time_us;
  if (commit.source && commit.source->at.record() >= at.stored.number)
    report(at, commit, 0, fault_kind::source,
           "a reaction sent its command because of an event that does not lie before it");
  auto& entity = sequences_.of(id);
  const bool follows = commit.event_count == 0 || check_sequence(at, commit, entity);
  if (modules_) modules_->take({at.stored, view, commit, id, follows});
}

/// Whether the entity's events up to here are all there.
bool journal_check::check_sequence(const place& at, const journal::commit_view& commit,
                                   sequence_table::slot& entity) {
  const auto last = entity.last();
  const bool ended = entity.ended();
  const bool is_new = last == 0;
  entity.set(std::max(last, commit.last_sequence()), commit.ended);
  if (is_new && !from_start_) return commit.first_sequence == 1 || commit.after_expiry;
  if (commit.first_sequence <= last) {
    report(at, commit, 0, fault_kind::sequence,
           "the entity had an event of this number before: its last was " + std::to_string(last));
    return false;
  }
  if (commit.first_sequence != last + 1) {
    report(at, commit, 0, fault_kind::sequence, missing(last + 1, commit.first_sequence - 1) + " before it");
    return false;
  }
  if (commit.after_expiry && (is_new || ended))
    report(at, commit, 0, fault_kind::sequence,
           "it says that the entity's time to live was over, and there was no entity");
  return true;
}

void journal_check::report(const place& at, const journal::commit_view& commit, std::uint32_t event,
                           std::string_view kind, std::string what, std::optional<error_code> code) {
  found_({.kind = kind,
          .record = at.stored.number,
          .partition = at.stored.partition,
          .index = commit.first_event + event,
          .event = journal::event_id(commit.category, commit.key, commit.first_sequence + event),
          .what = std::move(what),
          .code = code});
}

journal::result<void> journal_check::check_tails(journal::journal& of, record_number first,
                                                 record_number last) {
  for (journal::partition_id id = 0; id < partitions_.size(); ++id) {
    const auto report = [&](record_number number, std::string what) {
      found_({.kind = fault_kind::tail, .record = number, .partition = id, .what = std::move(what)});
    };
    const auto known = partitions_[id].last;
    const auto tail = tail_of(of, id);
    if (!tail) {
      if (tail.error().kind != journal::failure_kind::corrupt) return std::unexpected(tail.error());
      found_({.kind = fault_kind::tail,
              .partition = id,
              .what = "its last record: " + tail.error().text,
              .code = tail.error().code});
      continue;
    }
    const auto number = *tail ? (*tail)->number : 0;
    const auto unread = [&](const auto& range) { return range.first <= number && number <= range.second; };
    if (number < known)
      report(known, number == 0
                        ? "the journal says that this partition is empty"
                        : "the journal says that this partition ends with record " + std::to_string(number));
    else if (number > known && number >= first && number <= last && !std::ranges::any_of(unreadable_, unread))
      report(number,
             "the journal says that this is the partition's last record, and it was not among the "
             "records");
  }
  return {};
}

}  // namespace quipu::tool
