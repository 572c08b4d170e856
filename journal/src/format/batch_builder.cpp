#include <quipu/format/batch_generated.h>
#include <quipu/journal/record.hpp>

#include <stdexcept>

#include "format/envelope.hpp"
#include "format/interned.hpp"
#include "format/limits.hpp"

namespace quipu::journal {
namespace {

namespace fb = flatbuffers;

// Upper bounds, in bytes, of what FlatBuffers adds around the data: offsets, lengths, padding, vtables that
// turn out to be new. A test compares them with real sizes.
constexpr std::size_t batch_overhead = 256;  // envelope, root, Batch table, its vectors' lengths
constexpr std::size_t string_overhead = 12;  // offset, length, terminator, padding
constexpr std::size_t type_overhead = 48 + string_overhead;
constexpr std::size_t commit_overhead =
    208;  // table, vtable, place among the commits, lengths of its vectors
constexpr std::size_t event_overhead =
    48;  // table, vtable, place among the events, payload's length and padding
constexpr std::size_t header_overhead = 48;
constexpr std::size_t source_overhead = 40;   // the struct, and padding to its 8 bytes
constexpr std::size_t payload_overhead = 16;  // length and padding to 8

format::Id to_format(const id128& id) { return {id.high, id.low}; }
format::Source to_format(const command_source& from) {
  return {from.reaction, from.at.value, from.settled.value, from.index};
}

/// Readers use payloads in place as FlatBuffers of their own, hence the alignment.
fb::Offset<fb::Vector<std::uint8_t>> put_payload(fb::FlatBufferBuilder& out, bytes_view payload) {
  out.ForceVectorAlignment(payload.size(), 1, payload_alignment);
  return out.CreateVector(payload.data(), payload.size());
}

/// No fewer than the types that a commit can add: an event of the type of the one before adds none.
std::size_t new_types_bound(const commit& c) {
  std::size_t count = c.has_reply ? 1 : 0;
  const type_ref* last = nullptr;
  for (const auto& event : c.events) {
    if (last == nullptr || !(*last == event.type)) ++count;
    last = &event.type;
  }
  return count;
}

struct body_parts {
  fb::Offset<fb::Vector<fb::Offset<fb::String>>> strings = 0;
  fb::Offset<fb::Vector<fb::Offset<format::Type>>> types = 0;
  fb::Offset<format::Claim> claim = 0;
  fb::Offset<fb::Vector<fb::Offset<format::Commit>>> commits = 0;
};

std::shared_ptr<const bytes> finish(fb::FlatBufferBuilder& out, const batch_stamp& stamp,
                                    const body_parts& parts, std::uint16_t flags = 0) {
  auto lineage = to_format(stamp.lineage);
  auto incarnation = to_format(stamp.incarnation);
  auto id = to_format(stamp.id);
  auto previous = to_format(stamp.previous);
  out.Finish(format::CreateBatch(out, &lineage, &incarnation, stamp.partition, stamp.epoch, &id, &previous,
                                 stamp.time_us, parts.strings, parts.types, parts.claim, parts.commits));
  return envelope::wrap(envelope::record_kind::batch, {out.GetBufferPointer(), out.GetSize()}, flags);
}

}  // namespace

struct batch_builder::state {
  fb::FlatBufferBuilder out{64 * 1024};
  interned strings;
  interned types;
  std::vector<fb::Offset<format::Commit>> commits;
  std::uint32_t events = 0;
  std::uint16_t flags = 0;

  // Scratch of one add() or seal(), kept for their memory.
  std::vector<fb::Offset<format::Event>> event_offsets;
  std::vector<fb::Offset<format::Header>> header_offsets;
  std::vector<fb::Offset<fb::String>> string_offsets;
  std::vector<fb::Offset<format::Type>> type_offsets;

  std::uint16_t type_index(const type_ref& type) { return types.index_of(type.name, type.schema); }

  auto put_events(std::span<const typed_bytes> list) {
    event_offsets.clear();
    for (const auto& event : list) {
      auto payload = put_payload(out, event.payload);
      event_offsets.push_back(format::CreateEvent(out, type_index(event.type), payload));
    }
    return out.CreateVector(event_offsets);
  }

  auto put_headers(std::span<const header_view> list) {
    header_offsets.clear();
    for (const auto& header : list) {
      auto value = out.CreateVector(header.value.data(), header.value.size());
      header_offsets.push_back(format::CreateHeader(out, strings.index_of(header.name), value));
    }
    return out.CreateVector(header_offsets);
  }

  auto put_strings() {
    string_offsets.clear();
    for (std::size_t i = 0; i < strings.size(); ++i) {
      auto text = strings.at(i).name;
      string_offsets.push_back(out.CreateString(text.data(), text.size()));
    }
    return out.CreateVector(string_offsets);
  }

  auto put_types() {
    type_offsets.clear();
    for (std::size_t i = 0; i < types.size(); ++i) {
      auto type = types.at(i);
      auto schema = to_format(type.schema);
      auto name = out.CreateString(type.name.data(), type.name.size());
      type_offsets.push_back(format::CreateType(out, name, &schema));
    }
    return out.CreateVector(type_offsets);
  }

  /// What a caller must never hand in would be refused by every reader: better to stop here, at the bug.
  void check(const commit& c) const {
    if (!valid_category(c.category)) throw std::invalid_argument("commit: invalid category");
    if (!valid_key(c.key)) throw std::invalid_argument("commit: a key has 1 to 255 bytes");
    if (c.first_sequence == 0) throw std::invalid_argument("commit: sequences begin with 1");
    if (c.source && !is_possible(*c.source)) throw std::invalid_argument("commit: a source that cannot be");
    if (events + c.events.size() > max_record_events ||
        types.size() + new_types_bound(c) > max_table_entries ||
        strings.size() + c.headers.size() + 1 > max_table_entries) {
      throw std::length_error("commit: more events, types or header names than a record can number");
    }
  }
};

batch_builder::batch_builder() : state_(std::make_unique<state>()) {}
batch_builder::~batch_builder() = default;
batch_builder::batch_builder(batch_builder&&) noexcept = default;
batch_builder& batch_builder::operator=(batch_builder&&) noexcept = default;

void batch_builder::add(const commit& c) {
  auto& s = *state_;
  s.check(c);
  auto events = c.events.empty() ? 0 : s.put_events(c.events);
  auto headers = c.headers.empty() ? 0 : s.put_headers(c.headers);
  fb::Offset<fb::Vector<std::uint8_t>> reply = 0;
  auto reply_type = no_reply;
  if (c.has_reply) {
    reply = put_payload(s.out, c.reply.payload);
    reply_type = s.type_index(c.reply.type);
  }
  auto key_bytes = as_bytes(c.key);
  auto key = s.out.CreateVector(key_bytes.data(), key_bytes.size());
  auto category = s.strings.index_of(c.category);

  // Absent ids read as zero: no need to write a zero.
  auto command = to_format(c.command);
  auto trace = to_format(c.trace);
  auto causation = to_format(c.causation);
  auto source = to_format(c.source.value_or(command_source{}));
  auto present = [](const id128& id, const format::Id& written) { return id ? &written : nullptr; };
  s.commits.push_back(format::CreateCommit(
      s.out, category, key, c.first_sequence, c.time_us, present(c.command, command), c.body_hash, c.ended,
      reply_type, reply, headers, present(c.trace, trace), present(c.causation, causation), events,
      c.after_expiry, c.source ? &source : nullptr));
  s.events += static_cast<std::uint32_t>(c.events.size());
  if (c.after_expiry) s.flags |= envelope::flag_expiry;
  if (c.source) s.flags |= envelope::flag_source;
}

bool batch_builder::empty() const { return state_->commits.empty(); }
std::uint32_t batch_builder::commits() const { return static_cast<std::uint32_t>(state_->commits.size()); }
std::uint32_t batch_builder::events() const { return state_->events; }

std::size_t batch_builder::size_bound() const {
  const auto& s = *state_;
  return batch_overhead + s.out.GetSize() + s.commits.size() * sizeof(fb::uoffset_t) +
         s.strings.size() * string_overhead + s.strings.text_bytes() + s.types.size() * type_overhead +
         s.types.text_bytes();
}

std::size_t batch_builder::cost_bound(const commit& c) {
  auto size = commit_overhead + c.key.size() + string_overhead + c.category.size();
  if (c.has_reply)
    size += payload_overhead + c.reply.payload.size() + type_overhead + c.reply.type.name.size();
  if (c.source) size += source_overhead;
  for (const auto& header : c.headers) {
    size += header_overhead + string_overhead + header.name.size() + header.value.size();
  }
  const type_ref* last = nullptr;
  for (const auto& event : c.events) {
    size += event_overhead + event.payload.size();
    // The builder finds the type of the event before again for sure; for others the worst is taken.
    if (last == nullptr || !(*last == event.type)) size += type_overhead + event.type.name.size();
    last = &event.type;
  }
  return size;
}

std::shared_ptr<const bytes> batch_builder::seal(const batch_stamp& stamp) {
  auto& s = *state_;
  body_parts parts;
  if (s.strings.size() != 0) parts.strings = s.put_strings();
  if (s.types.size() != 0) parts.types = s.put_types();
  if (!s.commits.empty()) parts.commits = s.out.CreateVector(s.commits);
  auto record = finish(s.out, stamp, parts, s.flags);
  clear();
  return record;
}

void batch_builder::clear() {
  auto& s = *state_;
  s.out.Clear();
  s.strings.clear();
  s.types.clear();
  s.commits.clear();
  s.events = 0;
  s.flags = 0;
}

std::shared_ptr<const bytes> encode_claim(const batch_stamp& stamp, std::string_view owner) {
  fb::FlatBufferBuilder out;
  body_parts parts;
  parts.claim = format::CreateClaim(out, out.CreateString(owner.data(), owner.size()));
  return finish(out, stamp, parts);
}

}  // namespace quipu::journal
