#include "projections/letters.hpp"

#include "projections/stored_fields.hpp"

#include <quipu/projections/key.hpp>

#include <chrono>
#include <utility>

#include "dead_letter_generated.h"

namespace quipu::projecting {
namespace {

using time_point = std::chrono::sys_time<std::chrono::microseconds>;

constexpr auto no_letter = "a stored dead letter does not hold";

}  // namespace

stored_letter::stored_letter(std::string_view key, bytes_view row) : key_(model::decode_key<event_key>(key)) {
  const auto& letter = verified<stored::Letter>(row, row_, no_letter);
  if (letter.headers() != nullptr) {
    for (const auto* header : *letter.headers()) {
      bytes_view value;
      if (header->value() != nullptr) value = {header->value()->data(), header->value()->size()};
      headers_.push_back({header->name()->string_view(), value});
    }
  }
  event_.type = letter.type()->string_view();
  if (letter.payload() != nullptr) event_.payload = {letter.payload()->data(), letter.payload()->size()};
  event_.from = {.category = key_.category,
                 .key = key_.key,
                 .sequence = key_.sequence,
                 .position = {letter.position()},
                 .time = time_point(std::chrono::microseconds(letter.time())),
                 .command = id_in(letter.command()),
                 .trace = id_in(letter.trace()),
                 .causation = id_in(letter.causation()),
                 .ends = letter.ends(),
                 .after_expiry = letter.after_expiry(),
                 .headers = headers_};
  attempts_ = {letter.attempts(), text_of(letter.error()), letter.first_failed(), letter.last_failed()};
}

dead_letter stored_letter::shown() const {
  return {.event = key_,
          .position = event_.from.position,
          .type = std::string(event_.type),
          .attempts = attempts_.count,
          .error = attempts_.error,
          .first_failed = time_point(std::chrono::microseconds(attempts_.first_us)),
          .last_failed = time_point(std::chrono::microseconds(attempts_.last_us))};
}

std::string letter_row(const event_at_hand& event, const attempts_so_far& attempts) {
  flatbuffers::FlatBufferBuilder builder(event.payload.size() + 512);
  std::vector<flatbuffers::Offset<stored::Header>> headers;
  for (const auto& header : event.from.headers) {
    const auto name = builder.CreateString(header.name.data(), header.name.size());
    headers.push_back(
        stored::CreateHeader(builder, name, builder.CreateVector(header.value.data(), header.value.size())));
  }
  const auto header_list = builder.CreateVector(headers);
  const auto type = builder.CreateString(event.type.data(), event.type.size());
  builder.ForceVectorAlignment(event.payload.size(), sizeof(std::uint8_t), 8);  // it is a buffer of its own
  const auto payload = builder.CreateVector(event.payload.data(), event.payload.size());
  const auto command = stored_id(builder, event.from.command);
  const auto trace = stored_id(builder, event.from.trace);
  const auto causation = stored_id(builder, event.from.causation);
  const auto error = builder.CreateString(attempts.error);
  stored::LetterBuilder letter(builder);
  letter.add_position(event.from.position.value);
  letter.add_time(event.from.time.time_since_epoch().count());
  letter.add_type(type);
  letter.add_payload(payload);
  letter.add_command(command);
  letter.add_trace(trace);
  letter.add_causation(causation);
  letter.add_ends(event.from.ends);
  letter.add_after_expiry(event.from.after_expiry);
  letter.add_headers(header_list);
  letter.add_attempts(attempts.count);
  letter.add_first_failed(attempts.first_us);
  letter.add_last_failed(attempts.last_us);
  letter.add_error(error);
  builder.Finish(letter.Finish());
  return finished(builder);
}

std::string skip_row(std::string_view reason, std::int64_t time_us) {
  flatbuffers::FlatBufferBuilder builder;
  const auto text = builder.CreateString(reason.data(), reason.size());
  builder.Finish(stored::CreateSkip(builder, text, time_us));
  return finished(builder);
}

skipped_event skip_in(std::string_view key, bytes_view row) {
  std::vector<std::uint64_t> copy;
  const auto& skip = verified<stored::Skip>(row, copy, no_letter);
  return {model::decode_key<event_key>(key), skip.reason()->str(),
          time_point(std::chrono::microseconds(skip.time()))};
}

std::string letter_key(std::string_view category, std::string_view key, std::uint64_t sequence) {
  std::string out;
  model::key_codec<event_key>::encode(category, key, sequence, out);
  return out;
}

std::string entity_prefix(std::string_view category, std::string_view key) {
  auto out = letter_key(category, key, 0);
  out.resize(out.size() - sizeof(std::uint64_t));
  return out;
}

std::string mark_key(std::string_view category, std::string_view key) {
  return std::string(category).append("/").append(key);
}

std::string name_of(const event_key& event) {
  return journal::event_id(event.category, event.key, event.sequence);
}

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace quipu::projecting
