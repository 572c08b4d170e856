#include "journal_writer.hpp"

#include <future>
#include <stdexcept>

namespace quipu::test {

journal_writer::journal_writer(journal::journal& to) : to_(to) {
  const auto all = to_.read(1);
  for (;;) {
    const auto record = all->next().value();
    if (!record) return;
    const auto view = journal::record_view::decode(record->data).value();
    tails_[record->partition] = {record->number, view.sum()};
    for (std::uint32_t i = 0; i < view.commit_count(); ++i) {
      const auto commit = view.commit_at(i);
      sequences_[std::string(commit.key)] = commit.last_sequence();
    }
  }
}

journal::batch_stamp journal_writer::stamp_for(journal::partition_id partition) const {
  journal::batch_stamp stamp{.lineage = to_.about().lineage,
                             .incarnation = to_.about().incarnation,
                             .partition = partition,
                             .epoch = 1,
                             .id = id128::random(),
                             .time_us = time_us_};
  if (const auto tail = tails_.find(partition); tail != tails_.end()) stamp.previous = tail->second.second;
  return stamp;
}

record_number journal_writer::append(journal::partition_id partition, std::shared_ptr<const bytes> record) {
  auto& tail = tails_[partition];
  std::promise<journal::append_result> done;
  to_.append(partition, tail.first, record,
             [&](journal::append_result result) { done.set_value(std::move(result)); });
  const auto result = done.get_future().get();
  if (result.status != journal::append_status::appended) throw std::runtime_error("append: " + result.reason);
  tail = {result.number, journal::record_view::decode(*record).value().sum()};
  return result.number;
}

position journal_writer::append(std::vector<written_commit> commits) {
  journal::batch_builder builder;
  for (auto& commit : commits) {
    if (commit.first_sequence == 0) {
      commit.first_sequence = sequences_[commit.key] + 1;
      sequences_[commit.key] += commit.events.size();
    }
    std::vector<journal::typed_bytes> events;
    for (const auto& event : commit.events) {
      if (auto kept =
              to_.put_schema({event.type.schema, {event.type.binary.begin(), event.type.binary.end()}});
          !kept)
        throw std::runtime_error("put_schema: " + kept.error().text);
      events.push_back({{event.type.name, event.type.schema}, event.payload});
    }
    builder.add({.category = commit.category,
                 .key = commit.key,
                 .first_sequence = commit.first_sequence,
                 .time_us = time_us_,
                 .command = id128::random(),
                 .events = events});
  }
  const auto events = builder.events();
  const auto partition = journal::partition_of(journal::entity_hash(commits[0].category, commits[0].key),
                                               to_.about().partitions);
  const auto number = append(partition, builder.seal(stamp_for(partition)));
  written_.push_back(std::move(commits));
  return position::of(number, events - 1);
}

position journal_writer::append_copy_of_last() { return append(written_.back()); }

position journal_writer::append_copy_of_all() {
  position last;
  for (const auto& one : std::vector(written_)) last = append(one);
  return last;
}

void journal_writer::append_claim(journal::partition_id partition) {
  append(partition, journal::encode_claim(stamp_for(partition), "test"));
}

}  // namespace quipu::test
