#include "model_domain.hpp"

#include <cstring>

namespace quipu::simulation {
namespace {

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = (a ^ (b + 0x9e3779b97f4a7c15ULL)) * 0xbf58476d1ce4e5b9ULL;
  return z ^ (z >> 29U);
}

// Types have names and schema hashes; nothing in the core looks into a schema.
port::named_type type_named(const char* name) {
  return {.name = name, .schema = checksum_of(as_bytes(name)), .binary = {}};
}

const port::named_type& reply_named() {
  static const auto type = type_named("model.Seen");
  return type;
}

port::state_handle handle(const knots& state) {
  return {new knots(state), [](void* gone) { delete static_cast<knots*>(gone); }};
}

}  // namespace

std::uint64_t body::hash() const { return mix(mix(static_cast<std::uint64_t>(what), count), amount); }

std::string body::text() const {
  static constexpr const char* names[] = {"begin", "tie", "end", "look", "fault_decide", "fault_evolve"};
  std::string out = names[static_cast<std::size_t>(what)];
  if (what == verb::begin || what == verb::tie)
    out += " " + std::to_string(count) + " of " + std::to_string(amount);
  return out;
}

model_decision decide_model(const knots* state, const body& what) {
  model_decision out;
  if (what.what == verb::look) return out;
  if (what.what == verb::begin ? state != nullptr : state == nullptr) {
    out.rejection = state != nullptr ? "exists" : "not_found";
    return out;
  }
  if (what.what == verb::begin) out.events.emplace_back(begun, what.amount);
  if (what.what == verb::tie && what.count > 0 && (state->sum + what.amount) % 4 == 0) {
    out.rejection = "too_tight";
    return out;
  }
  for (std::uint32_t i = 0; i < what.count && (what.what == verb::begin || what.what == verb::tie); ++i)
    out.events.emplace_back(tied, what.amount + i);
  if (what.what == verb::fault_evolve) out.events.emplace_back(tied, what.amount);
  if (what.what == verb::end) {
    out.events.emplace_back(ended, what.amount);
    out.ended = true;
  }
  return out;
}

void fold(knots& state, event_kind kind, const event_payload& payload) {
  ++state.count;
  state.sum += payload.amount;
  state.hash = mix(mix(mix(state.hash, kind), payload.attempt), payload.amount);
}

std::uint64_t digest_of(const knots* state) {
  if (state == nullptr) return 0xabe5;
  return mix(mix(state->count, state->sum), state->hash);
}

bool chokes_on(std::uint64_t amount) { return amount % 23 == 7; }

model_type::model_type(std::string name, std::uint64_t version, bool chokes, port::repeat_window remember,
                       std::chrono::microseconds lives)
    : chokes_(chokes) {
  category = std::move(name);
  fingerprint = {version, 17};
  events = {type_named("model.Begun"), type_named("model.Tied"), type_named("model.Ended")};
  schemas = events;
  schemas.push_back(reply_named());
  window = remember;
  time_to_live = lives;
}

port::state_handle model_type::make() const { return handle({}); }

port::state_handle model_type::clone(const void* state) const {
  return handle(*static_cast<const knots*>(state));
}

void model_type::evolve(void* state, std::uint32_t event, bytes_view payload) const {
  event_payload read;
  if (payload.size() != sizeof read || event > ended)
    throw port::damaged_payload("not an event of this model");
  std::memcpy(&read, payload.data(), sizeof read);
  if (chokes_ && event == tied && chokes_on(read.amount))
    throw std::runtime_error("this version chokes on the knot");
  fold(*static_cast<knots*>(state), static_cast<event_kind>(event), read);
}

void model_type::save(const void* state, bytes& out) const {
  const auto* raw = static_cast<const std::uint8_t*>(state);
  out.insert(out.end(), raw, raw + sizeof(knots));
}

port::state_handle model_type::load(bytes_view image) const {
  knots read;
  if (image.size() != sizeof read) throw port::damaged_payload("not a state of this model");
  std::memcpy(&read, image.data(), sizeof read);
  return handle(read);
}

result<std::unique_ptr<port::command>> model_type::make_command(std::uint32_t, std::string, bytes_view,
                                                                std::vector<header>, packed_handler&&) const {
  return std::unexpected(error(error_code::command_unknown, "the model's commands are made by its clients"));
}

void model_command::decide(const void* state, const context& about, port::decided& out) {
  out.clear();
  ears_.decided(attempt_, about.time().time_since_epoch().count());
  if (body_.what == verb::fault_decide) throw std::runtime_error("the model's decide throws");
  decision_ = decide_model(static_cast<const knots*>(state), body_);
  if (!decision_.rejection.empty()) {
    // The text shows on which state the "no" rests.
    out.rejected =
        rejection{decision_.rejection, std::to_string(digest_of(static_cast<const knots*>(state)))};
    return;
  }
  for (const auto& [kind, amount] : decision_.events) {
    const event_payload payload{attempt_, amount};
    const auto* raw = reinterpret_cast<const std::uint8_t*>(&payload);
    out.events.push_back({kind, static_cast<std::uint32_t>(out.payloads.size()), sizeof payload});
    out.payloads.insert(out.payloads.end(), raw, raw + sizeof payload);
  }
  out.ended = decision_.ended;
}

void model_command::evolve(void* state, const port::decided&) const {
  for (const auto& [kind, amount] : decision_.events) {
    fold(*static_cast<knots*>(state), kind, {attempt_, amount});
    // After the change, so that a core which keeps the half-made state shows it.
    if (body_.what == verb::fault_evolve) throw std::runtime_error("the model's evolve throws");
  }
}

void model_command::reply(const void* state, quipu::bytes& out) const {
  if (body_.what == verb::end) return;
  const std::uint64_t digest = digest_of(static_cast<const knots*>(state));
  const auto* raw = reinterpret_cast<const std::uint8_t*>(&digest);
  out.insert(out.end(), raw, raw + sizeof digest);
}

const port::named_type* model_command::reply_type() const {
  return body_.what == verb::end ? nullptr : &reply_named();
}

}  // namespace quipu::simulation
