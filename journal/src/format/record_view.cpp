#include <quipu/format/batch_generated.h>
#include <quipu/journal/record.hpp>

#include <limits>

#include "format/envelope.hpp"
#include "format/limits.hpp"

namespace quipu::journal {
namespace {

namespace fb = flatbuffers;

const format::Batch& as_batch(const void* raw) { return *static_cast<const format::Batch*>(raw); }
const format::Commit& as_commit(const void* raw) { return *static_cast<const format::Commit*>(raw); }

id128 from_format(const format::Id* id) { return id == nullptr ? id128{} : id128{id->high(), id->low()}; }

command_source from_format(const format::Source& from) {
  return {from.reaction(), {from.at()}, from.index(), {from.settled()}};
}
std::optional<command_source> from_format(const format::Source* from) {
  return from == nullptr ? std::nullopt : std::optional(from_format(*from));
}

template <class Vector>
std::uint32_t count(const Vector* list) {
  return list == nullptr ? 0 : list->size();
}

bytes_view view_of(const fb::Vector<std::uint8_t>* list) {
  return list == nullptr ? bytes_view() : bytes_view(list->data(), list->size());
}
std::string_view view_of(const fb::String* text) { return {text->data(), text->size()}; }

bool aligned(const fb::Vector<std::uint8_t>* payload) {
  return count(payload) == 0 || reinterpret_cast<std::uintptr_t>(payload->data()) % payload_alignment == 0;
}

/// What the FlatBuffers verifier cannot know: indexes, ranges and what must agree with what.
class batch_check {
 public:
  batch_check(const format::Batch& batch, std::uint16_t flags)
      : batch_(batch), flags_(flags), strings_(count(batch.strings())), types_(count(batch.types())) {}

  /// The index of each commit's first event within the record.
  result<std::vector<std::uint32_t>> run() {
    if (strings_ > max_table_entries || types_ > max_table_entries) {
      return bad("The record has more strings or types than 16 bits can name.");
    }
    auto commits = count(batch_.commits());
    if (batch_.claim() != nullptr && commits != 0) return bad("The record is a claim and yet holds commits.");
    std::vector<std::uint32_t> first_events;
    first_events.reserve(commits);
    for (std::uint32_t i = 0; i < commits; ++i) {
      const auto& commit = *batch_.commits()->Get(i);
      first_events.push_back(events_);
      if (const char* what = fault_in(commit)) {
        return bad("Commit " + std::to_string(i) + " of the record is not well-formed: " + what + ".");
      }
    }
    return first_events;
  }

 private:
  static std::unexpected<failure> bad(std::string text) {
    return fail(error_code::record_malformed, std::move(text));
  }

  const char* fault_in(const format::Commit& commit) {
    if (commit.category() >= strings_) return "its category names no string";
    if (!valid_category(view_of(batch_.strings()->Get(commit.category()))))
      return "its category is not a valid one";
    if (!valid_key(as_text(view_of(commit.key())))) return "its key has not 1 to 255 bytes";
    auto events = count(commit.events());
    if (events > max_record_events - events_) return "the record's events are more than 65535";
    events_ += events;
    if (commit.first_sequence() == 0) return "its first sequence is 0";
    if (commit.after_expiry() && (flags_ & envelope::flag_expiry) == 0)
      return "it begins an entity again after its time to live, and the record's flags do not say so";
    if (const auto* source = commit.source()) {
      if ((flags_ & envelope::flag_source) == 0)
        return "a reaction sent its command, and the record's flags do not say so";
      if (!is_possible(from_format(*source))) return "its source is none that can be";
    }
    if (commit.first_sequence() > std::numeric_limits<std::uint64_t>::max() - events)
      return "its sequences overflow";
    if (commit.reply_type() != no_reply) {
      if (commit.reply_type() >= types_) return "its reply names no type";
      if (!aligned(commit.reply())) return "its reply is not 8-byte aligned";
    } else if (commit.reply() != nullptr) {
      return "its reply has no type";
    }
    for (std::uint32_t i = 0; i < count(commit.headers()); ++i) {
      if (commit.headers()->Get(i)->name() >= strings_) return "a header names no string";
    }
    for (std::uint32_t i = 0; i < events; ++i) {
      const auto& event = *commit.events()->Get(i);
      if (event.type() >= types_) return "an event names no type";
      if (!aligned(event.payload())) return "an event's payload is not 8-byte aligned";
    }
    return nullptr;
  }

  const format::Batch& batch_;
  std::uint16_t flags_;
  std::uint32_t strings_;
  std::uint32_t types_;
  std::uint32_t events_ = 0;
};

fb::Verifier::Options limits_for(std::size_t body_size) {
  fb::Verifier::Options options;
  options.max_depth = 8;  // Batch, Commit, Event or Header; one to spare for each
  // A table of its own takes 8 bytes at least, with the offset that leads to it; a buffer that says it has
  // more refers to the same ones again and again, to keep a reader busy.
  options.max_tables = static_cast<fb::uoffset_t>(body_size / 8 + 1);
  return options;
}

}  // namespace

result<record_view> record_view::decode(bytes_view data) {
  auto opened = envelope::unwrap(envelope::record_kind::batch, data);
  if (!opened) return std::unexpected(std::move(opened.error()));
  if (opened->body.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return fail(error_code::record_malformed, "The record is larger than any record can be.");
  }
  fb::Verifier verifier(opened->body.data(), opened->body.size(), limits_for(opened->body.size()));
  if (!verifier.VerifyBuffer<format::Batch>(nullptr)) {
    return fail(error_code::record_malformed,
                "The record's checksum holds but its body is no well-formed batch.");
  }
  const auto* batch = fb::GetRoot<format::Batch>(opened->body.data());
  auto first_events = batch_check(*batch, opened->flags).run();
  if (!first_events) return std::unexpected(std::move(first_events.error()));
  record_view view;
  view.batch_ = batch;
  view.sum_ = opened->sum;
  view.first_events_ = std::move(*first_events);
  return view;
}

batch_stamp record_view::stamp() const {
  const auto& batch = as_batch(batch_);
  return {.lineage = from_format(batch.lineage()),
          .incarnation = from_format(batch.incarnation()),
          .partition = batch.partition(),
          .epoch = batch.epoch(),
          .id = from_format(batch.id()),
          .previous = from_format(batch.previous()),
          .time_us = batch.time()};
}

bool record_view::is_claim() const { return as_batch(batch_).claim() != nullptr; }

std::string_view record_view::owner() const {
  const auto* claim = as_batch(batch_).claim();
  return claim == nullptr ? std::string_view() : view_of(claim->owner());
}

std::uint32_t record_view::commit_count() const { return static_cast<std::uint32_t>(first_events_.size()); }

std::uint32_t record_view::event_count() const {
  if (first_events_.empty()) return 0;
  const auto* commits = as_batch(batch_).commits();
  return first_events_.back() + count(commits->Get(commits->size() - 1)->events());
}

commit_view record_view::commit_at(std::uint32_t index) const {
  const auto& batch = as_batch(batch_);
  const auto& commit = *batch.commits()->Get(index);
  return {.category = view_of(batch.strings()->Get(commit.category())),
          .key = as_text(view_of(commit.key())),
          .first_sequence = commit.first_sequence(),
          .first_event = first_events_[index],
          .event_count = count(commit.events()),
          .header_count = count(commit.headers()),
          .time_us = commit.time(),
          .command = from_format(commit.command()),
          .body_hash = commit.body_hash(),
          .ended = commit.ended(),
          .after_expiry = commit.after_expiry(),
          .has_reply = commit.reply_type() != no_reply,
          .reply_type = commit.reply_type(),
          .reply = view_of(commit.reply()),
          .trace = from_format(commit.trace()),
          .causation = from_format(commit.causation()),
          .source = from_format(commit.source()),
          .raw = &commit};
}

event_view commit_view::event(std::uint32_t index) const {
  const auto& event = *as_commit(raw).events()->Get(index);
  return {.type = event.type(), .payload = view_of(event.payload())};
}

header_view record_view::header(const commit_view& commit, std::uint32_t index) const {
  const auto& header = *as_commit(commit.raw).headers()->Get(index);
  return {.name = view_of(as_batch(batch_).strings()->Get(header.name())), .value = view_of(header.value())};
}

std::uint32_t record_view::type_count() const { return count(as_batch(batch_).types()); }

type_ref record_view::type(std::uint32_t index) const {
  const auto& type = *as_batch(batch_).types()->Get(index);
  return {.name = view_of(type.name()), .schema = from_format(type.schema())};
}

}  // namespace quipu::journal
