#include "reactions/outbox_row.hpp"

#include "projections/stored_fields.hpp"

#include <quipu/journal/record.hpp>
#include <quipu/projections/key.hpp>
#include <quipu/reactions/reaction_type.hpp>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "outbox_generated.h"

namespace quipu {
namespace reacting {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using projecting::id_in;
using projecting::stored_id;
using projecting::text_of;

template <class Bytes>
bytes bytes_in(const Bytes* stored) {
  return stored == nullptr ? bytes() : bytes(stored->begin(), stored->end());
}

Offset<stored::Addressed> stored_command(FlatBufferBuilder& builder, const named_command& command) {
  const auto category = builder.CreateString(command.category);
  const auto key = builder.CreateString(command.key);
  const auto type = builder.CreateString(command.type);
  return stored::CreateAddressed(builder, category, key, type, builder.CreateVector(command.body));
}
named_command command_in(const stored::Addressed& command) {
  return {command.category()->str(), command.key()->str(), command.type()->str(), bytes_in(command.body())};
}

using stored_key = std::tuple<std::uint64_t, std::uint16_t>;

named_command named(const port::addressed_command& command) {
  return {command.to->category, command.key, command.to->commands.at(command.type).body.name, command.body};
}

template <class K>
K key_in(std::string_view from) {
  try {
    return model::key_codec<K>::decode(from, true);
  } catch (const std::runtime_error& damage) {
    throw port::damaged_payload(std::string("the outbox of the reaction: ") + damage.what());
  }
}
}  // namespace

std::string bytes_of(const row_key& key) {
  std::string out;
  model::encode_key<stored_key>({key.at.value, key.index}, out);
  return out;
}
row_key row_key_in(std::string_view bytes) {
  const auto [at, index] = key_in<stored_key>(bytes);
  return {{at}, index};
}
std::string bytes_of(position at) {
  std::string out;
  model::encode_key<std::uint64_t>(at.value, out);
  return out;
}
position position_in(std::string_view bytes) { return {key_in<std::uint64_t>(bytes)}; }

std::string named_command::target() const { return category + "/" + journal::escape_key(key); }

std::size_t outbox_row::size() const {
  const auto of = [](const named_command& one) {
    return sizeof(one) + one.category.size() + one.key.size() + one.type.size() + one.body.size();
  };
  return sizeof(*this) + of(command) + (if_rejected ? of(*if_rejected) : 0);
}

outbox_row row_for(const port::planned_command& planned, const envelope& from) {
  outbox_row row;
  row.command = named(planned.command);
  if (planned.if_rejected) row.if_rejected = named(*planned.if_rejected);
  row.event = from.id();
  row.time = from.time;
  row.cause = from.command;
  row.trace = from.trace;
  for (const auto& one : from.headers)
    row.headers.push_back({std::string(one.name), std::string(as_text(one.value))});
  return row;
}

std::string bytes_of(const outbox_row& row) {
  thread_local FlatBufferBuilder builder;
  builder.Clear();
  const auto command = stored_command(builder, row.command);
  const auto if_rejected = row.if_rejected ? stored_command(builder, *row.if_rejected) : 0;
  const auto category = builder.CreateString(row.event.category);
  const auto key = builder.CreateString(row.event.key);
  const auto cause = stored_id(builder, row.cause);
  const auto trace = stored_id(builder, row.trace);
  std::vector<Offset<stored::Header>> headers;
  for (const auto& one : row.headers) {
    const auto name = builder.CreateString(one.name);
    const auto value = as_bytes(one.value);
    headers.push_back(stored::CreateHeader(builder, name, builder.CreateVector(value.data(), value.size())));
  }
  const auto header_list = headers.empty() ? 0 : builder.CreateVector(headers);
  const auto rejection = row.rejection ? builder.CreateString(*row.rejection) : 0;
  const auto error = row.error.empty() ? 0 : builder.CreateString(row.error);
  builder.Finish(stored::CreateRow(builder, command, if_rejected, category, key, row.event.sequence,
                                   row.time.time_since_epoch().count(), cause, trace, header_list,
                                   row.rejection.has_value(), rejection, row.dead, row.attempts, error,
                                   row.first_failed_us, row.last_failed_us));
  return projecting::finished(builder);
}

outbox_row row_in(bytes_view bytes) {
  thread_local std::vector<std::uint64_t> copy;
  const auto& stored =
      projecting::verified<stored::Row>(bytes, copy, "a stored command of the reaction does not hold");
  if (stored.rejected() && stored.if_rejected() == nullptr)
    throw port::damaged_payload("a stored command of the reaction is rejected and has no compensation");
  outbox_row row;
  row.command = command_in(*stored.command());
  if (stored.if_rejected() != nullptr) row.if_rejected = command_in(*stored.if_rejected());
  row.event = {stored.event_category()->str(), stored.event_key()->str(), stored.sequence()};
  row.time = dead_letter::time_point(std::chrono::microseconds(stored.time()));
  row.cause = id_in(stored.cause());
  row.trace = id_in(stored.trace());
  if (stored.headers() != nullptr)
    for (const auto* one : *stored.headers())
      row.headers.push_back({one->name()->str(), std::string(as_text(bytes_in(one->value())))});
  if (stored.rejected()) row.rejection = text_of(stored.rejection());
  row.dead = stored.dead();
  row.attempts = stored.attempts();
  row.error = text_of(stored.error());
  row.first_failed_us = stored.first_failed();
  row.last_failed_us = stored.last_failed();
  return row;
}

}  // namespace reacting

namespace port {

reaction_type::reaction_type() {
  sends_commands = true;
  version = 1;
  tables = {{"outbox", {}, false, model::key_shape_text<reacting::stored_key>()},
            {"begin", {}, false, model::key_shape_text<std::string>()}};
  fingerprint = checksum_of(as_bytes("reaction, outbox 1"));  // of projections/schema/outbox.fbs
}

void reaction_type::apply(std::uint32_t event, bytes_view payload, const envelope& from, rows& into) const {
  commands out;
  react(event, payload, from, out);
  if (out.list().size() > reacting::commands_most)
    throw std::length_error("an event leads to " + std::to_string(out.list().size()) +
                            " commands, and may lead to " + std::to_string(reacting::commands_most));
  std::uint16_t index = 0;
  for (const auto& one : out.list())
    into.put(reacting::outbox_table, reacting::bytes_of(reacting::row_key{from.position, index++}),
             as_bytes(reacting::bytes_of(reacting::row_for(one, from))));
}

}  // namespace port
}  // namespace quipu
