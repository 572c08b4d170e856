#include "jetstream/presence.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace quipu::journal::jetstream {
namespace {

using json = nlohmann::json;

struct greeting {
  std::string owner;
  id128 id;
  bool opening = false;
  bool takes_over = false;
};

/// Nothing for what is no greeting: anybody may write to a subject.
std::optional<greeting> read_greeting(std::string_view text) {
  const auto body = json::parse(text, nullptr, false);
  if (!body.is_object() || !body.contains("id") || !body["id"].is_string()) return std::nullopt;
  const auto id = id128::from_hex(body["id"].get_ref<const std::string&>());
  if (!id) return std::nullopt;
  const auto flag = [&](const char* key) {
    return body.contains(key) && body[key].is_boolean() && body[key].get<bool>();
  };
  greeting out{
      .owner = "another process", .id = *id, .opening = flag("opening"), .takes_over = flag("take_over")};
  if (body.contains("owner") && body["owner"].is_string()) out.owner = body["owner"].get<std::string>();
  return out;
}

/// Two that open at the same moment see each other, or one sees the other: one number is the smaller.
bool goes_first(id128 one, id128 other) { return one < other; }

}  // namespace

presence::presence(std::string subject, std::string owner)
    : subject_(std::move(subject)), owner_(std::move(owner)) {}

std::string presence::about_me(bool opening) const {
  return json{{"owner", owner_}, {"id", id_.hex()}, {"opening", opening}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
}

link::subscription presence::answering(std::function<void(std::string, std::string)> reply) {
  return {subject_,
          [this, reply = std::move(reply)](const incoming& question) { answer_to(question, reply); }};
}

void presence::answer_to(const incoming& question,
                         const std::function<void(std::string, std::string)>& reply) {
  const auto asked = read_greeting(as_text(question.data));
  if (!asked || asked->id == id_ || question.reply.empty()) return;
  bool opening = false;
  {
    const std::scoped_lock lock(guard_);
    if (superseded_) return;
    if (asked->takes_over) superseded_ = true;
    opening = opening_;
    // It goes on when it hears that this one is opening too, whether this one's own question reached it or not.
    if (opening && (asked->takes_over || (asked->opening && goes_first(asked->id, id_))))
      gave_way_to_ = asked->owner;
  }
  reply(std::string(question.reply), about_me(opening));
}

result<void> presence::ask(client& over, bool take_over) {
  const auto question =
      json{{"owner", owner_}, {"id", id_.hex()}, {"opening", true}, {"take_over", take_over}}.dump(
          -1, ' ', false, json::error_handler_t::replace);
  const auto got = over.ask({.subject = subject_,
                             .payload = std::make_shared<const bytes>(question.begin(), question.end()),
                             .within = patience::owner});
  const auto other = got ? read_greeting(*got) : std::nullopt;  // nothing: nobody answers
  const std::scoped_lock lock(guard_);
  auto owner = gave_way_to_;
  if (other && !(other->opening && goes_first(id_, other->id))) owner = other->owner;
  if (!owner.empty() && !take_over)
    return fail(error_code::journal_locked,
                over.where().place() + " is written by " + owner +
                    ": close that runtime first, or open with take_over to fence it.");
  opening_ = false;
  return {};
}

}  // namespace quipu::journal::jetstream
