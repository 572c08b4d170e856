#include "dead_letter/letters.hpp"

#include <quipu/journal/record.hpp>
#include <quipu/projections/key_shape.hpp>
#include <quipu/reactions/reactor.hpp>

#include <limits>
#include <map>
#include <utility>

namespace quipu::tool {

journal::result<std::vector<dead_letter>> letters_of(read_models& models, const kept_projection& kept) {
  constexpr auto all = std::numeric_limits<std::size_t>::max();
  const auto* live = kept.live();
  if (live != nullptr && live->reaction) return dead_letters_of(models, kept.name, {}, all);
  return models.dead_letters(kept.name, {}, all);
}

std::vector<waiting_line> lines_of(const std::vector<dead_letter>& letters) {
  std::vector<waiting_line> list;
  std::map<std::string, std::size_t> known;
  for (const auto& one : letters) {
    const auto whose = one.target.empty() ? "event " + entity_text(one.event) : "to " + one.target;
    const auto [at, fresh] = known.try_emplace(whose, list.size());
    if (fresh) {
      list.push_back({one, 0});
      continue;
    }
    auto& line = list[at->second];
    ++line.behind;
    if (one.position < line.first.position)
      line.first = one;  // commands come in the order of their events' names
  }
  return list;
}

std::string event_text(const event_key& event) {
  return journal::event_id(event.category, event.key, event.sequence);
}

std::string entity_text(const event_key& event) {
  return event.category + "/" + journal::escape_key(event.key);
}

std::optional<event_key> parse_event(std::string_view text) {
  const auto key = key_shape::parse("event")->stored(text, true);
  if (!key || !key->whole) return std::nullopt;
  return model::decode_key<event_key>(key->bytes);
}

json object_of(const dead_letter& letter) {
  const auto time = [](dead_letter::time_point at) {
    const auto us = at.time_since_epoch().count();
    return us == 0 ? json(nullptr) : json(time_text(us));
  };
  return {{"event", event_text(letter.event)},
          {"entity", entity_text(letter.event)},
          {"position", position_text(letter.position)},
          {"type", valid_utf8(letter.type)},
          {"target", letter.target.empty() ? json(nullptr) : json(valid_utf8(letter.target))},
          {"attempts", letter.attempts},
          {"error", valid_utf8(letter.error)},
          {"first_failed", time(letter.first_failed)},
          {"last_failed", time(letter.last_failed)}};
}

}  // namespace quipu::tool
