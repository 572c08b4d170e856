#include "checking/module_check.hpp"

#include <algorithm>
#include <exception>

namespace quipu::tool {
namespace {

std::map<id128, bytes> by_hash(const std::vector<journal::stored_schema>& schemas) {
  std::map<id128, bytes> all;
  for (const auto& one : schemas) all.emplace(one.hash, one.binary);
  return all;
}

}  // namespace

module_check::module_check(std::vector<quipu::module> modules,
                           const std::vector<journal::stored_schema>& schemas, fault_sink found)
    : modules_(std::move(modules)), schemas_(by_hash(schemas)), found_(std::move(found)) {}

const port::entity_type* module_check::type_of(std::string_view category) const {
  for (const auto& one : modules_)
    if (const auto* type = one.domain().find(category)) return type;
  return nullptr;
}

void module_check::take(const step& what) {
  const auto* type = type_of(what.commit.category);
  if (type == nullptr) {
    passed_ += what.commit.event_count;
    return;
  }
  auto& to = entities_[what.entity];
  if (what.commit.after_expiry) to = {};
  if (!what.follows && !what.commit.after_expiry) {
    to.state = port::no_state();
    to.lost = true;
  }
  if (to.lost) {
    passed_ += what.commit.event_count;
  } else if (!apply(*type, to, what)) {
    to.state = port::no_state();
    to.lost = true;
  }
  if (what.commit.ended) entities_.erase(what.entity);
}

bool module_check::apply(const port::entity_type& type, entity& to, const step& what) {
  if (!to.state) to.state = type.make();
  for (std::uint32_t i = 0; i < what.commit.event_count; ++i) {
    const auto event = what.commit.event(i);
    const auto named = what.view.type(event.type);
    const auto& reader = reader_of(type, named, what);
    if (reader.unreadable) return false;
    if (reader.index == event_reader::unknown && !type.takes_unknown_events) {
      report(what, i, "the module has no event " + std::string(named.name) + " of " + type.category,
             error_code::event_unknown);
      return false;
    }
    try {
      if (reader.index == event_reader::unknown)
        type.evolve_unknown(to.state.get(), named.name, event.payload);
      else
        type.evolve(to.state.get(), reader.index, event.payload);
    } catch (const std::exception& e) {
      report(what, i, std::string("it cannot be applied: ") + e.what(), error_code::entity_evolve_threw);
      return false;
    } catch (...) {
      report(what, i, "it cannot be applied: evolve threw something that is no std::exception",
             error_code::entity_evolve_threw);
      return false;
    }
    ++evolved_;
  }
  return true;
}

/// Looked up once a type; what the module would read wrongly is named there.
const module_check::event_reader& module_check::reader_of(const port::entity_type& type,
                                                          const journal::type_ref& event, const step& at) {
  auto [found, is_new] = readers_.try_emplace({&type, {event.schema, std::string(event.name)}});
  auto& reader = found->second;
  if (!is_new) return reader;
  const auto known = std::ranges::find(type.events, event.name, &port::named_type::name);
  if (known == type.events.end()) return reader;
  reader.index = static_cast<std::uint32_t>(known - type.events.begin());
  const auto stored = schemas_.find(event.schema);
  if (known->schema == event.schema || stored == schemas_.end()) return reader;
  const auto changes = journal::breaking_changes(stored->second, event.name, known->binary, known->table());
  if (!changes) return reader;  // the schema is damaged, which was named
  reader.unreadable = !changes->empty();
  for (const auto& change : *changes)
    found_({.kind = fault_kind::module,
            .record = at.stored.number,
            .partition = at.stored.partition,
            .what = "the module would read " + std::string(event.name) + " wrongly from here on: " + change,
            .code = error_code::runtime_schema_change});
  return reader;
}

void module_check::report(const step& at, std::uint32_t event, std::string text,
                          std::optional<error_code> code) {
  const auto& commit = at.commit;
  found_({.kind = fault_kind::module,
          .record = at.stored.number,
          .partition = at.stored.partition,
          .index = commit.first_event + event,
          .event = journal::event_id(commit.category, commit.key, commit.first_sequence + event),
          .what = std::move(text),
          .code = code});
}

}  // namespace quipu::tool
