#include "reading/state_reader.hpp"

#include <quipu/journal/record.hpp>
#include <utility>

namespace quipu::tool {

state_reader::state_reader(const port::entity_type& type) : type_(type) {
  if (!type.stored_state) return;
  auto reader =
      journal::schema_reader::open({type.stored_state->binary.begin(), type.stored_state->binary.end()});
  if (reader)
    reader_.emplace(std::move(*reader));
  else
    trouble_ = "the schema of its state cannot be read: " + reader.error().text;
}

shown_state state_reader::show(bytes_view saved) {
  if (!trouble_.empty()) return {nullptr, trouble_};
  if (!reader_) return {{{"bytes", hex(saved)}}, {}};
  auto text = reader_->to_json(type_.stored_state->table(), saved);
  if (!text) return {nullptr, "its state cannot be shown: " + text.error().text};
  auto parsed = json::parse(*text, nullptr, false);
  if (parsed.is_discarded()) return {nullptr, "JSON has no word for its state: " + *text};
  return {std::move(parsed), {}};
}

shown_state state_reader::show(const entity_image& entity) {
  if (!entity.exists()) return {nullptr, {}};
  const auto saved = entity.saved();
  if (!saved) return {nullptr, saved.error().text};
  return show(*saved);
}

// What was before does not count any more: the entity was not there.
void entity_states::begin_anew(std::uint64_t sequence) {
  image_ = entity_image(image_.type());
  image_.skip_to(sequence);
  certain_ = true;
  lost_.clear();
}

entity_states::step entity_states::look(shown_state now) {
  step out{.after = std::move(now), .certain = certain_, .changes = {}};
  if (out.after.known() && last_.known()) out.changes = changes_between(last_.state, out.after.state);
  last_ = out.after;
  return out;
}

std::vector<entity_states::step> entity_states::apply(const journal::record_view& in, record_number number,
                                                      const journal::commit_view& commit) {
  return apply(in, number, commit, commit.event_count);
}

std::vector<entity_states::step> entity_states::apply(const journal::record_view& in, record_number number,
                                                      const journal::commit_view& commit,
                                                      std::uint32_t events) {
  std::vector<step> steps;
  if (commit.after_expiry) {
    begin_anew(commit.first_sequence - 1);
    last_ = {nullptr, {}};
  } else if (commit.first_sequence > image_.sequence() + 1) {
    certain_ = false;
    image_.skip_to(commit.first_sequence - 1);
  }
  if (lost_.empty()) {
    auto done = image_.apply(in, number, commit, [&](std::uint32_t i) {
      if (i < events && !(commit.ended && i + 1 == commit.event_count))
        steps.push_back(look(reader_.show(image_)));
    });
    if (!done) lost_ = done.error().text;
  }
  const bool ends = commit.ended && events == commit.event_count;
  if (ends && !lost_.empty()) begin_anew(commit.last_sequence());
  while (steps.size() < events) {  // those that could not be applied, the end, and what was applied before
    const bool last = steps.size() + 1 == events;
    steps.push_back(
        look(lost_.empty() || (ends && last) ? reader_.show(image_) : shown_state{nullptr, lost_}));
  }
  if (ends) certain_ = true;
  return steps;
}

}  // namespace quipu::tool
