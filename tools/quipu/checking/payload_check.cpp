#include "checking/payload_check.hpp"

#include <algorithm>

namespace quipu::tool {

payload_check::payload_check(std::vector<journal::stored_schema> schemas, const fault_sink& found) {
  for (auto& stored : schemas) {
    auto& reader = schemas_[stored.hash];
    const auto damaged = [&](const std::string& how, error_code code) {
      found({.kind = fault_kind::schema,
             .what = "the schema " + stored.hash.hex() + " is damaged: " + how,
             .code = code});
    };
    const auto actual = journal::schema_hash(stored.binary);
    if (!actual) {
      damaged(actual.error().text, actual.error().code);
    } else if (*actual != stored.hash) {
      damaged("what is stored under it has the hash " + actual->hex(), error_code::schema_damaged);
    } else if (auto opened = journal::schema_reader::open(std::move(stored.binary)); opened) {
      reader.emplace(std::move(*opened));
    } else {
      damaged(opened.error().text, opened.error().code);
    }
  }
}

void payload_check::look(const journal::stored_record& stored, const journal::record_view& view) {
  begin(stored, view);
  for (std::uint32_t i = 0; i < view.commit_count(); ++i) look(stored, view.commit_at(i));
  if (faults_.empty()) return;
  const std::scoped_lock lock(guard_);
  found_in_[stored.number] = std::exchange(faults_, {});
}

std::vector<fault> payload_check::take(record_number record) {
  const std::scoped_lock lock(guard_);
  auto found = found_in_.extract(record);
  return found.empty() ? std::vector<fault>() : std::move(found.mapped());
}

void payload_check::look(const journal::stored_record& stored, const journal::commit_view& commit) {
  for (std::uint32_t i = 0; i < commit.event_count; ++i) {
    const auto event = commit.event(i);
    if (const auto why = fault_in(event.type, event.payload)) note(stored, commit, i, why->text, why->code);
  }
  if (!commit.has_reply) return;
  if (const auto why = fault_in(commit.reply_type, commit.reply))
    note(stored, commit, std::max(commit.event_count, 1U) - 1, "the reply stored with it: " + why->text,
         why->code);
}

void payload_check::note(const journal::stored_record& stored, const journal::commit_view& commit,
                         std::uint32_t event, const std::string& what, error_code code) {
  faults_.push_back({.kind = fault_kind::payload,
                     .record = stored.number,
                     .partition = stored.partition,
                     .index = commit.first_event + event,
                     .event = journal::event_id(commit.category, commit.key, commit.first_sequence + event),
                     .what = what,
                     .code = code});
}

void payload_check::begin(const journal::stored_record& stored, const journal::record_view& view) {
  // Records of one writer name the same types in nearly the same order.
  of_record_.resize(view.type_count(), nullptr);
  for (std::uint32_t i = 0; i < of_record_.size(); ++i) {
    const auto type = view.type(i);
    const auto* before = of_record_[i];
    if (before == nullptr || before->schema != type.schema || before->name != type.name)
      of_record_[i] = &look_up(type, stored);
  }
}

const payload_check::known_type& payload_check::look_up(const journal::type_ref& type,
                                                        const journal::stored_record& stored) {
  auto [at, is_new] = types_.try_emplace({type.schema, std::string(type.name)});
  auto& known = at->second;
  if (!is_new) return known;
  known = {.name = std::string(type.name), .schema = type.schema};
  const auto found = schemas_.find(type.schema);
  if (found != schemas_.end()) {
    if (found->second) known.reader = &*found->second;  // else it was named
    return known;
  }
  faults_.push_back(
      {.kind = fault_kind::schema,
       .record = stored.number,
       .partition = stored.partition,
       .what = "the journal has no schema " + type.schema.hex() + ", which describes " + known.name});
  return known;
}

std::optional<journal::failure> payload_check::fault_in(std::uint16_t type, bytes_view payload) const {
  const auto& known = *of_record_[type];
  if (known.reader == nullptr) return std::nullopt;
  auto holds = known.reader->verify(known.name, payload);
  if (holds) return std::nullopt;
  return std::move(holds.error());
}

}  // namespace quipu::tool
