#include <quipu/entity_image.hpp>

#include "core/durable_entity.hpp"

#include <exception>
#include <string>
#include <utility>

namespace quipu {
namespace {

std::unexpected<error> quarantined(std::string why) {
  return std::unexpected(error(error_code::entity_quarantined, std::move(why)));
}

}  // namespace

entity_image::entity_image(const port::entity_type& type)
    : type_(&type), made_(std::make_unique<core::durable_entity>()) {}
entity_image::~entity_image() = default;
entity_image::entity_image(entity_image&&) noexcept = default;
entity_image& entity_image::operator=(entity_image&&) noexcept = default;

result<void> entity_image::apply(const journal::record_view& in, record_number number,
                                 const journal::commit_view& commit,
                                 const std::function<void(std::uint32_t)>& after) {
  if (commit.last_sequence() <= sequence()) return {};
  if (commit.first_sequence != sequence() + 1)
    return quarantined("event " + std::to_string(sequence() + 1) + " is missing before event " +
                       std::to_string(commit.first_sequence));
  std::uint32_t i = 0;
  try {
    core::begin(*made_, *type_, commit);
    for (; i < commit.event_count; ++i) {
      const auto event = commit.event(i);
      const auto name = in.type(event.type).name;
      const auto index = core::event_index(*type_, name);
      if (index == core::unlisted_event && !type_->takes_unknown_events)
        return std::unexpected(error(
            error_code::event_unknown,
            "event " + journal::event_id(commit.category, commit.key, commit.first_sequence + i) +
                " is of the type " + std::string(name) + ", which " + type_->category + " does not list"));
      core::evolve(*made_, *type_, in, event, index);
      if (after) after(i);
    }
  } catch (...) {
    return quarantined("event " + journal::event_id(commit.category, commit.key, commit.first_sequence + i) +
                       " cannot be applied: " + core::what_was_thrown());
  }
  core::settle(*made_, *type_, in, number, commit);
  return {};
}

void entity_image::skip_to(std::uint64_t sequence) { made_->durable.sequence = sequence; }

const void* entity_image::state() const { return made_->durable.state.get(); }
std::uint64_t entity_image::sequence() const { return made_->durable.sequence; }
quipu::position entity_image::position() const { return made_->durable_position; }
std::int64_t entity_image::time_us() const { return made_->durable.time; }
std::size_t entity_image::marks() const { return made_->handled ? made_->handled->marks() : 0; }

bool entity_image::has_expired(std::int64_t now_us) const {
  const auto lives = type_->time_to_live.count();
  return lives != 0 && exists() && time_us() < now_us - lives;
}

result<bytes> entity_image::saved() const {
  bytes out;
  if (!exists()) return out;
  try {
    type_->save(state(), out);
  } catch (...) {
    return quarantined("its state cannot be saved: " + core::what_was_thrown());
  }
  return out;
}

std::vector<remembered_command> entity_image::remembered() const {
  std::vector<remembered_command> all;
  for (const auto& one : made_->remembered.all())
    all.push_back({one.command, one.sequence, one.position, one.time_us});
  return all;
}

}  // namespace quipu
