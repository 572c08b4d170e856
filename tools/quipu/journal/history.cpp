/// quipu journal history
#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "command.hpp"
#include "reading/commit_json.hpp"
#include "reading/entity_scan.hpp"
#include "reading/modules.hpp"
#include "reading/moment_argument.hpp"
#include "reading/opened_journal.hpp"
#include "reading/payload_reader.hpp"
#include "reading/state_reader.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string url;
  std::string entity;
  std::vector<std::string> modules;
  std::string at;
  index_arguments index;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  bool as_json = false;
};

/// "250 us", "1.500 s", "3 min 20 s", "2 d 4 h"; what is less than that is cut off.
std::string span_text(std::int64_t us) {
  const auto sign = us < 0 ? std::string("-") : std::string();
  us = us < 0 ? -us : us;
  std::array<char, 48> text{};
  const auto put = [&](const char* format, auto... numbers) {
    const auto length = std::snprintf(text.data(), text.size(), format, numbers...);
    return sign + std::string(text.data(), static_cast<std::size_t>(length));
  };
  const auto seconds = us / 1'000'000;
  if (us < 1'000) return put("%lld us", static_cast<long long>(us));
  if (seconds == 0) return put("%.3g ms", static_cast<double>(us) / 1e3);
  if (seconds < 60) return put("%.3f s", static_cast<double>(us) / 1e6);
  const auto two = [&](const char* format, std::int64_t a, std::int64_t b) {
    return put(format, static_cast<long long>(a), static_cast<long long>(b));
  };
  if (seconds < 3600) return two("%lld min %lld s", seconds / 60, seconds % 60);
  if (seconds < 86'400) return two("%lld h %lld min", seconds / 3600, seconds % 3600 / 60);
  return two("%lld d %lld h", seconds / 86'400, seconds % 86'400 / 3600);
}

/// How many of a commit's events belong to what is looked at.
std::uint32_t events_until(const moment& end, record_number number, const journal::commit_view& commit) {
  if (!end.at) return commit.time_us <= end.time_us ? commit.event_count : 0;
  if (number != end.at->record() || end.whole_record)
    return number <= end.at->record() ? commit.event_count : 0;
  if (end.at->index() < commit.first_event) return 0;
  return std::min(commit.event_count, end.at->index() - commit.first_event + 1);
}

/// One run: every commit of the entity goes through show() or, with --at, through look().
class life {
 public:
  life(const arguments& given, std::vector<journal::stored_schema> schemas, const port::entity_type* type,
       output& out)
      : given_(given), payloads_(std::move(schemas)), out_(out) {
    if (type != nullptr) states_.emplace(*type);
  }

  bool show(const record_walk::step& in, const journal::commit_view& commit);
  /// False where the end is reached.
  bool look(const record_walk::step& in, const journal::commit_view& commit, const moment& end);
  void print_state(const std::string& entity);

  std::uint64_t commits() const { return commits_; }
  bool found_wrong() const { return found_wrong_; }

 private:
  using steps = std::vector<entity_states::step>;

  shown_payload payload(const journal::type_ref& type, bytes_view bytes, const std::string& where);
  void note(const steps& what, const journal::commit_view& commit);
  void print(const record_walk::step& in, const journal::commit_view& commit, const steps& states);
  void print_object(const record_walk::step& in, const journal::commit_view& commit, const steps& states);
  static void put_state(json& into, const entity_states::step& step);

  const arguments& given_;
  payload_reader payloads_;
  std::optional<entity_states> states_;
  output& out_;
  std::uint64_t commits_ = 0;
  std::optional<std::int64_t> before_us_;  ///< of the commit before
  bool found_wrong_ = false;
  bool told_lost_ = false;
  bool told_missing_ = false;
  std::uint64_t next_sequence_ = 1;
  // For --at: what was seen last.
  position at_;
  std::uint64_t sequence_ = 0;
  std::int64_t time_us_ = 0;
  entity_states::step now_;
};

shown_payload life::payload(const journal::type_ref& type, bytes_view bytes, const std::string& where) {
  auto shown = payloads_.show(type, bytes);
  if (shown.damaged) {
    found_wrong_ = true;
    out_.flush();
    complain(where + ": " + shown.reason);
  }
  return shown;
}

/// Says once what is wrong with the life: a gap, an event from which on the state is not known.
void life::note(const steps& what, const journal::commit_view& commit) {
  const auto entity = std::string(commit.category) + "/" + journal::escape_key(commit.key);
  if (commit.first_sequence > next_sequence_ && !std::exchange(told_missing_, true)) {
    found_wrong_ = true;
    out_.flush();
    complain(entity + ": event " + std::to_string(next_sequence_) +
             (commit.first_sequence - 1 > next_sequence_ ? " to " + std::to_string(commit.first_sequence - 1)
                                                         : "") +
             " of it could not be read" +
             (states_ ? "; from there on its state is not certain, until it begins anew" : ""));
  }
  next_sequence_ = std::max(next_sequence_, commit.last_sequence() + 1);
  if (!states_ || what.empty() || what.back().after.known() || std::exchange(told_lost_, true)) return;
  found_wrong_ = true;
  out_.flush();
  complain(entity + ": from event " + std::to_string(commit.first_sequence) +
           " on its state is not known: " + what.back().after.reason);
}

bool life::show(const record_walk::step& in, const journal::commit_view& commit) {
  steps states;
  if (states_) states = states_->apply(in.view, in.stored.number, commit);
  note(states, commit);
  given_.as_json ? print_object(in, commit, states) : print(in, commit, states);
  before_us_ = commit.time_us;
  return ++commits_ < given_.limit && out_.wanted();
}

void life::print(const record_walk::step& in, const journal::commit_view& commit, const steps& states) {
  if (commits_ > 0) out_.line("");
  auto head = position_text(position::of(in.stored.number, commit.first_event)) + "  " +
              time_text(commit.time_us) + "  ";
  if (before_us_) head += "+" + span_text(commit.time_us - *before_us_) + "  ";
  out_.line(head + "command " + commit.command.hex() + (commit.after_expiry ? "  (after expiry)" : ""));
  if (auto origin = origin_text(in.view, commit); !origin.empty()) out_.line("  " + origin);
  for (std::uint32_t i = 0; i < commit.event_count; ++i) {
    const auto event = commit.event(i);
    const auto type = in.view.type(event.type);
    const auto at = position::of(in.stored.number, commit.first_event + i);
    const auto shown = payload(type, event.payload, "the event at " + position_text(at));
    out_.line("  @" + std::to_string(commit.first_sequence + i) + "  " + printable(type.name) + "  " +
              payload_text(event.payload, shown));
    if (i >= states.size()) continue;
    for (const auto& change : states[i].changes) out_.line("      " + change_text(change));
  }
  if (commit.has_reply) {
    const auto type = in.view.type(commit.reply_type);
    const auto shown = payload(type, commit.reply, "the reply to the command " + commit.command.hex());
    out_.line("  reply  " + printable(type.name) + "  " + payload_text(commit.reply, shown));
  }
  if (commit.ended) out_.line("  (ended)");
  if (states.empty()) return;
  const auto& last = states.back();
  if (!last.after.known())
    out_.line("  state  not known: " + printable(last.after.reason));
  else if (!commit.ended)
    out_.line("  state  " + printable(line_of(last.after.state)) + (last.certain ? "" : "  (not certain)"));
}

void life::put_state(json& into, const entity_states::step& step) {
  into["state"] = step.after.state;
  if (!step.after.known()) into["state_error"] = valid_utf8(step.after.reason);
  if (!step.certain) into["state_certain"] = false;
}

void life::print_object(const record_walk::step& in, const journal::commit_view& commit,
                        const steps& states) {
  json out{{"position", position_text(position::of(in.stored.number, commit.first_event))},
           {"category", commit.category},
           {"key", journal::escape_key(commit.key)},
           {"time", time_text(commit.time_us)},
           {"since_us", before_us_ ? json(commit.time_us - *before_us_) : json(nullptr)},
           {"command", commit.command.hex()}};
  put_origin(out, in.view, commit);
  if (commit.after_expiry) out["after_expiry"] = true;
  out["events"] = json::array();
  for (std::uint32_t i = 0; i < commit.event_count; ++i) {
    const auto event = commit.event(i);
    const auto type = in.view.type(event.type);
    const auto at = position_text(position::of(in.stored.number, commit.first_event + i));
    json one{{"position", at},
             {"id", journal::event_id(commit.category, commit.key, commit.first_sequence + i)},
             {"sequence", commit.first_sequence + i}};
    put_payload(one, type, event.payload, payload(type, event.payload, "the event at " + at));
    if (i < states.size()) {
      one["changes"] = changes_json(states[i].changes);
      put_state(one, states[i]);
    }
    out["events"].push_back(std::move(one));
  }
  if (commit.has_reply) {
    const auto type = in.view.type(commit.reply_type);
    json reply;
    put_payload(reply, type, commit.reply,
                payload(type, commit.reply, "the reply to the command " + commit.command.hex()));
    out["reply"] = std::move(reply);
  }
  if (commit.ended) out["ended"] = true;
  if (!states.empty()) put_state(out, states.back());
  out_.line(line_of(out));
}

bool life::look(const record_walk::step& in, const journal::commit_view& commit, const moment& end) {
  const auto events = events_until(end, in.stored.number, commit);
  if (events == 0) return false;
  auto states = states_->apply(in.view, in.stored.number, commit, events);
  note(states, commit);
  ++commits_;
  now_ = std::move(states.back());
  at_ = position::of(in.stored.number, commit.first_event + events - 1);
  sequence_ = commit.first_sequence + events - 1;
  time_us_ = commit.time_us;
  return events == commit.event_count && out_.wanted();
}

void life::print_state(const std::string& entity) {
  if (given_.as_json) {
    json out{{"entity", valid_utf8(entity)},
             {"position", position_text(at_)},
             {"sequence", sequence_},
             {"time", time_text(time_us_)}};
    put_state(out, now_);
    return out_.line(line_of(out));
  }
  out_.line(printable(entity) + "@" + std::to_string(sequence_) + "  " + position_text(at_) + "  " +
            time_text(time_us_));
  if (!now_.after.known()) return out_.line("not known: " + printable(now_.after.reason));
  if (now_.after.state.is_null()) return out_.line("absent: it has ended");
  out_.line(printable(line_of(now_.after.state)) + (now_.certain ? "" : "  (not certain)"));
}

exit_code history(const arguments& given, output& out) {
  const auto entity = parse_entity(given.entity);
  if (!entity) {
    complain(given.entity +
             ": write category/key as events show it, for example account/acc-17 (a backslash is \\x5c)");
    return exit_code::wrong_usage;
  }
  std::optional<moment> end;
  if (!given.at.empty()) {
    end = parse_moment(given.at);
    if (!end) {
      complain("--at " + given.at +
               ": write a position or a time, for example 12, 12:3 or 2026-01-31T23:59:59Z");
      return exit_code::wrong_usage;
    }
    if (given.modules.empty()) {
      complain("--at shows a state, which the entity's own code makes of its events: add --module FILE");
      return exit_code::wrong_usage;
    }
  }
  auto code = modules::load(given.modules);
  if (!code) return code.error();
  const port::entity_type* type = nullptr;
  if (!code->empty()) {
    auto found = code->must_find(entity->category);
    if (!found) return found.error();
    type = *found;
  }
  auto opened = open_to_read(given.url);
  if (!opened) return give_up(opened.error());
  auto& journal = *opened->from;
  const auto& sum = opened->sum;
  if (auto fits = code->check(journal); fits != exit_code::done) return fits;

  life one(given, std::move(opened->schemas), type, out);
  const auto last = end && end->at ? std::min(sum.last, end->at->record()) : sum.last;
  auto outcome = exit_code::done;
  if (given.limit > 0)
    outcome = each_commit_of(*entity, journal, sum, last, given.index, out,
                             [&](const auto& in, const auto& commit) {
                               return end ? one.look(in, commit, *end) : one.show(in, commit);
                             });
  if (one.commits() == 0 && given.limit > 0 && outcome == exit_code::done)
    complain("no event of " + given.entity + (end ? " up to " + given.at : ""));
  else if (end && one.commits() > 0)
    one.print_state(given.entity);
  return outcome == exit_code::done && one.found_wrong() ? exit_code::found_wrong : outcome;
}

constexpr auto footer =
    R"(Every command that took effect, from the first event on: position, time (UTC) and how long after the one before, the
command's id, what it came from, its events and its reply. With --module the entity's own code is run, which shows what each
event changed (by JSON pointer) and the state after each command. Stops where the journal ended at the start.

A damaged record is named on stderr and passed over; where events of the entity are missing, its state is marked as not
certain until it begins anew. An event of a type that the module does not know makes the state unknown from there on.

Keys of --json, one object a command:
  position, category, key, time, command, headers, trace, causation, source   as in quipu journal cat --help; position: of
                 its first event
  since_us       microseconds since the command before; null with the first
  after_expiry   true where the entity begins again after its time to live
  events         of each: position, id, sequence, type, schema, payload (or payload_bytes and payload_error), and with
                 --module changes ([{path, before, after}]) and state, as below
  reply          type, schema, payload
  ended          true where the entity ended
  state          with --module: after the command; null where it has ended or is not known
  state_error    why it is not known
  state_certain  false where events before are missing
With --at one object: entity, position, sequence, time (of the last event), state, state_error, state_certain.

Examples:
  quipu journal history lmdb:data/journal account/acc-17
  quipu journal history lmdb:data/journal account/acc-17 --module ./bank_module.so
  quipu journal history lmdb:data/journal account/acc-17 --module ./bank_module.so --at 2026-01-31T23:59:59Z
  quipu journal history lmdb:data/journal account/acc-17 --module ./bank_module.so --json | jq .state.balance)";

}  // namespace

void add_journal_history(CLI::App& journal, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* app = journal.add_subcommand("history", "One entity's life: commands, events, replies and states");
  app->add_option("URL", given->url, journal_urls)->required();
  app->add_option("ENTITY", given->entity, "category/key, the key as events show it")->required();
  app->add_option("--module", given->modules,
                  "Show states, by the code of this module; may be given again for another one")
      ->type_name("FILE");
  auto not_empty = [](const std::string& text) { return std::string(text.empty() ? "is empty" : ""); };
  app->add_option("--at", given->at, "Only the state as it was there: RECORD, RECORD:INDEX or a time (UTC)")
      ->check(not_empty);
  app->add_option("--limit", given->limit, "Stop after this many commands")->check(CLI::NonNegativeNumber);
  add_index_option(*app, given->index);
  app->add_flag("--json", given->as_json, "One JSON object a line instead of text");
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return history(*given, out); }; });
}

}  // namespace quipu::tool
