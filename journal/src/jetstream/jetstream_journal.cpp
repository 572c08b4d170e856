#include "jetstream/jetstream_journal.hpp"

#include <quipu/journal/record.hpp>

#include "jetstream/aligned_copy.hpp"
#include "jetstream/api.hpp"
#include "jetstream/known_journal.hpp"
#include "jetstream/presence.hpp"
#include "jetstream/pull_cursor.hpp"
#include "jetstream/stream.hpp"

#include <atomic>
#include <utility>

namespace quipu::journal::jetstream {
namespace {

class jetstream_journal final : public journal {
 public:
  jetstream_journal(const settings& where, const opening& how)
      : writable_(how.mode == access::write),
        presence_(subjects(where.name, 0).owner(), how.owner),
        client_(where, [this](client& over) { return known_.inspect(over); }, subscriptions()) {}

  result<void> open(bool take_over) {
    if (auto ready = client_.await_ready(); !ready) return ready;
    names_.emplace(client_.where().name, about().partitions);
    suspects_ = std::vector<std::atomic<bool>>(about().partitions);
    return writable_ ? presence_.ask(client_, take_over) : result<void>{};
  }

  const identity& about() const override { return known_.about(); }
  void append(partition_id partition, record_number expected, std::shared_ptr<const bytes> record,
              append_callback done) override;
  void successor(partition_id partition, record_number tail, record_callback done) override;
  void tail(partition_id partition, record_callback done) override;
  std::unique_ptr<cursor> read(record_number from, std::optional<partition_id> only) override {
    return std::make_unique<pull_cursor>(client_, *names_, from, only);
  }
  result<void> put_schema(const stored_schema& schema) override;
  result<std::vector<stored_schema>> schemas() override;
  result<summary> summarize() override;

 private:
  std::vector<link::subscription> subscriptions() {
    if (!writable_) return {};
    return {presence_.answering([this](std::string subject, std::string payload) {
      client_.notify(std::move(subject), std::move(payload));
    })};
  }
  std::string here() const { return client_.where().place(); }
  std::optional<failure> no_partition(partition_id partition) const;
  std::optional<failure> objection(partition_id partition, const bytes* record) const;
  result<std::optional<stored_record>> understand(const answer& got, partition_id partition);
  void get(const json& which, partition_id partition, record_callback done);
  void check_tail_is_there(partition_id partition, record_number tail, record_callback done);
  result<std::optional<stored_message>> get_now(const json& which);
  result<json> subject_counts(const std::string& filter);

  const bool writable_;
  known_journal known_;
  presence presence_;
  std::optional<subjects> names_;
  /// Partitions whose last record the server named as an older one than was acknowledged.
  std::vector<std::atomic<bool>> suspects_;
  client client_;  // last: its threads use all of the above
};

std::optional<failure> jetstream_journal::no_partition(partition_id partition) const {
  if (partition < about().partitions) return std::nullopt;
  return failure{error_code::journal_partition, "there is no partition " + std::to_string(partition) +
                                                    ", only " + std::to_string(about().partitions)};
}

std::optional<failure> jetstream_journal::objection(partition_id partition, const bytes* record) const {
  if (!writable_) return failure(error_code::journal_read_only, here() + " is open for reading only");
  if (const auto none = no_partition(partition)) return failure(error_code::journal_refused, none->text);
  if (record == nullptr || record->empty()) return failure(error_code::record_too_large, "an empty record");
  if (record->size() > about().max_record_bytes)
    return failure(error_code::record_too_large, "a record of " + std::to_string(record->size()) +
                                                     " bytes is too large: this journal takes " +
                                                     std::to_string(about().max_record_bytes));
  const auto taken = client_.max_payload();
  if (taken != 0 && record->size() + header_room > taken)
    return failure(error_code::server_max_payload, "a record of " + std::to_string(record->size()) +
                                                       " bytes is too large: the server's max_payload is " +
                                                       std::to_string(taken) + " now; raise it again");
  return std::nullopt;
}

void jetstream_journal::append(partition_id partition, record_number expected,
                               std::shared_ptr<const bytes> record, append_callback done) {
  if (auto why = objection(partition, record.get()))
    return done({append_status::refused, 0, std::move(why->text), why->code});
  const auto decoded = record_view::decode(*record);
  if (!decoded) return done({append_status::refused, 0, decoded.error().text});
  request what{.subject = names_->of(partition),
               .headers = {{"Nats-Expected-Stream", client_.where().name},
                           {"Nats-Expected-Last-Subject-Sequence", std::to_string(expected)},
                           {"Nats-Msg-Id", decoded->stamp().id.hex()}},
               .payload = std::move(record),
               .within = patience::ack};
  client_.send(std::move(what), [this, partition, expected, id = decoded->stamp().id,
                                 done = std::move(done)](answer got) mutable {
    auto read = read_ack(got, known_.one_copy());
    if (read.outcome.status == append_status::appended) known_.saw(read.outcome.number, id);
    if (read.actual && *read.actual < expected) suspects_[partition] = true;
    done(std::move(read.outcome));
  });
}

result<std::optional<stored_record>> jetstream_journal::understand(const answer& got,
                                                                   partition_id partition) {
  if (!got) return std::unexpected(failure_of(got.error()));
  const incoming& arrived = *got;
  if (!arrived.status.empty())
    return fail(error_code::server_no_answer,
                here() + ": nobody answers for the stream now (" + std::string(arrived.status) + ")");
  auto message = read_message(as_text(arrived.data));
  if (!message) return std::unexpected(std::move(message.error()));
  if (!*message) return std::nullopt;
  if (const auto record = record_view::decode((*message)->data))
    known_.saw((*message)->number, record->stamp().id);
  return stored_record{(*message)->number, partition, (*message)->data, std::move((*message)->keep)};
}

void jetstream_journal::get(const json& which, partition_id partition, record_callback done) {
  client_.send({.subject = api_subject("STREAM.MSG.GET", client_.where().name), .payload = payload_of(which)},
               [this, partition, done = std::move(done)](const answer& got) mutable {
                 done(understand(got, partition));
               });
}

void jetstream_journal::tail(partition_id partition, record_callback done) {
  if (auto none = no_partition(partition)) return done(std::unexpected(std::move(*none)));
  get({{"last_by_subj", names_->of(partition)}}, partition, std::move(done));
}

void jetstream_journal::successor(partition_id partition, record_number tail, record_callback done) {
  if (auto none = no_partition(partition)) return done(std::unexpected(std::move(*none)));
  get({{"seq", tail + 1}, {"next_by_subj", names_->of(partition)}}, partition,
      [this, partition, tail, done = std::move(done)](result<std::optional<stored_record>> found) mutable {
        if (!found || *found || tail == 0 || !suspects_[partition]) return done(std::move(found));
        check_tail_is_there(partition, tail, std::move(done));
      });
}

// Nothing follows the tail, but the server named an older record as the partition's last: were acknowledged ones lost?
void jetstream_journal::check_tail_is_there(partition_id partition, record_number tail,
                                            record_callback done) {
  this->tail(partition, [this, partition, tail,
                         done = std::move(done)](result<std::optional<stored_record>> last) mutable {
    if (!last) return done(std::move(last));
    const auto number = *last ? (*last)->number : 0;
    if (number < tail)
      return done(fail(error_code::journal_lost_records,
                       here() + ": partition " + std::to_string(partition) + " ends at record " +
                           std::to_string(number) + ", but record " + std::to_string(tail) +
                           " had been acknowledged: the server lost acknowledged records. Open "
                           "again to go on from what it kept."));
    suspects_[partition] = false;
    done(std::optional<
         stored_record>());  // it came back, or something follows by now: the next question shows it
  });
}

result<std::optional<stored_message>> jetstream_journal::get_now(const json& which) {
  auto got = client_.ask(
      {.subject = api_subject("STREAM.MSG.GET", client_.where().name), .payload = payload_of(which)});
  if (!got) return std::unexpected(failure_of(got.error()));
  return read_message(*got);
}

// Content-addressed: what is there already is the same.
result<void> jetstream_journal::put_schema(const stored_schema& schema) {
  if (!writable_) return fail(error_code::journal_read_only, here() + " is open for reading only");
  const auto subject = names_->schema(schema.hash);
  auto there = get_now({{"last_by_subj", subject}});
  if (!there) return std::unexpected(std::move(there.error()));
  if (*there) return {};
  const auto taken = client_.max_payload();
  if (taken != 0 && schema.binary.size() + header_room > taken)
    return fail(error_code::schema_too_large, "the schema has " + std::to_string(schema.binary.size()) +
                                                  " bytes, the server's max_payload is " +
                                                  std::to_string(taken) + ": raise it");
  const auto got = client_.ask({.subject = subject,
                                .headers = {{"Nats-Expected-Stream", client_.where().name},
                                            {"Nats-Expected-Last-Subject-Sequence", "0"},
                                            {"Nats-Msg-Id", "schema-" + schema.hash.hex()}},
                                .payload = std::make_shared<const bytes>(schema.binary),
                                .within = patience::ack});
  if (!got) return std::unexpected(failure_of(got.error()));
  const auto read = read_api_answer(*got);
  if (!read) return std::unexpected(read.error());
  if (read->ok() || read->code == api_error::wrong_last_sequence ||
      read->code == api_error::wrong_last_sequence_constant)
    return {};
  return fail(error_code::server_error, here() + ": storing a schema: " + read->text);
}

/// How many messages each subject has.
result<json> jetstream_journal::subject_counts(const std::string& filter) {
  return call_well(client_, api_subject("STREAM.INFO", client_.where().name), {{"subjects_filter", filter}});
}

result<std::vector<stored_schema>> jetstream_journal::schemas() {
  auto info = subject_counts(names_->all_schemas());
  if (!info) return std::unexpected(std::move(info.error()));
  std::vector<stored_schema> all;
  const auto subjects = read_subjects(*info);
  if (!subjects) return fail(subjects.error().code, here() + ": " + subjects.error().text);
  for (const auto& [subject, count] : *subjects) {
    const auto hash = id128::from_hex(std::string_view(subject).substr(subject.rfind('.') + 1));
    if (!hash) return fail(error_code::schema_damaged, here() + ": " + subject + " is no schema's subject");
    auto found = get_now({{"last_by_subj", subject}});
    if (!found) return std::unexpected(std::move(found.error()));
    if (*found) all.push_back({*hash, bytes((*found)->data.begin(), (*found)->data.end())});
  }
  return all;
}

result<summary> jetstream_journal::summarize() {
  auto info = subject_counts(names_->all_partitions());
  if (!info) return std::unexpected(std::move(info.error()));
  const auto subjects = read_subjects(*info);
  if (!subjects) return fail(subjects.error().code, here() + ": " + subjects.error().text);
  const auto& kept = known_.kept();
  summary out{
      .durability = kept.durability, .survives_power_cut = kept.survives_power_cut, .room = kept.room};
  for (const auto& [subject, count] : *subjects) out.records += count;
  if (out.records == 0) return out;
  out.bytes = number_at(*info, "state", "bytes");
  auto first = get_now({{"seq", 1}, {"next_by_subj", names_->all_partitions()}});
  if (!first) return std::unexpected(std::move(first.error()));
  auto last = get_now({{"last_by_subj", names_->all_partitions()}});
  if (!last) return std::unexpected(std::move(last.error()));
  if (*first) out.first = (*first)->number;
  if (*last) out.last = (*last)->number;
  return out;
}

}  // namespace

result<std::unique_ptr<journal>> open(const settings& where, const opening& how) {
  auto made = std::make_unique<jetstream_journal>(where, how);
  if (auto opened = made->open(how.take_over); !opened) return std::unexpected(std::move(opened.error()));
  return made;
}

}  // namespace quipu::journal::jetstream
