#include "describe.hpp"

#include "model_domain.hpp"

#include <quipu/journal/record.hpp>

namespace quipu::simulation {
namespace {

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};

std::string text(record_number number) { return std::to_string(number); }

std::string text(position at) {
  return at.value == 0 ? "start" : std::to_string(at.record()) + ":" + std::to_string(at.index());
}

std::string text(const core::record_result& found) {
  if (!found) return std::string(journal::name_of(found.error().kind));
  if (!*found) return "none";
  return "record " + text((*found)->number);
}

std::string text(const journal::append_result& settled) {
  switch (settled.status) {
    case journal::append_status::appended:
      return "appended as record " + text(settled.number);
    case journal::append_status::fenced:
      return "fenced";
    case journal::append_status::refused:
      return "refused";
    case journal::append_status::unavailable:
      return "unavailable";
    case journal::append_status::unknown:
      return "unknown";
  }
  return "?";
}

std::string command_text(const port::command& command) {
  const auto* model = dynamic_cast<const model_command*>(&command);
  return "#" + std::to_string(model == nullptr ? 0 : model->attempt());
}

std::string answer_text(const core::effect::answer& answer) {
  std::string out = command_text(*answer.command);
  if (answer.failed)
    out += " " + std::string(name_of(answer.failed->kind));
  else
    out += (answer.rejected ? " rejected " + answer.rejected->code
            : answer.repeat ? " repeat"
                            : " ok") +
           " at sequence " + std::to_string(answer.sequence) + ", position " + text(answer.position);
  return out + (answer.owner ? "" : " (still at work on it)");
}

std::string group_text(const core::snapshot_group& group) {
  std::string out = "snapshots";
  for (const auto& row : group.rows) out += " " + row.category + "/" + row.key;
  for (const auto& floor : group.floors) out += ", floor of " + floor.category + " " + text(floor.floor);
  for (const auto& one : group.quarantined) out += ", quarantine " + one.category + "/" + one.key;
  for (const auto& [category, key] : group.released) out += ", release " + category + "/" + key;
  return out + ", newest record " + text(group.newest.number);
}

}  // namespace

std::string where_text(std::uint32_t owner, core::partition_id partition) {
  return "owner " + std::to_string(owner) + " partition " + std::to_string(partition);
}

std::string describe_record(const bytes& record) {
  const auto view = journal::record_view::decode(record);
  if (!view) return "an unreadable record";
  std::string out = "epoch " + std::to_string(view->stamp().epoch);
  if (view->is_claim()) return "claim of " + std::string(view->owner()) + ", " + out;
  out = "batch, " + out + ":";
  for (std::uint32_t i = 0; i < view->commit_count(); ++i) {
    const auto commit = view->commit_at(i);
    out += " " + journal::event_id(commit.category, commit.key, commit.first_sequence);
    if (commit.event_count > 1) out += ".." + std::to_string(commit.last_sequence());
    if (commit.after_expiry) out += " (after expiry)";
    if (commit.ended) out += " (ended)";
  }
  return out;
}

std::string describe(const core::any_input& input) {
  namespace in = core::input;
  return std::visit(overloaded{
                        [](const in::start& i) {
                          std::string out = "start:";
                          for (const auto& floor : i.checkpoint.floors)
                            out += " floor of " + floor.category + " " + text(floor.floor);
                          return out + " newest record " + text(i.checkpoint.newest.number);
                        },
                        [](const in::tail_read& i) { return "tail read: " + text(i.tail); },
                        [](const in::append_settled& i) { return "append settled: " + text(i.result); },
                        [](const in::successor_read& i) { return "successor read: " + text(i.successor); },
                        [](const in::replayed& i) {
                          std::string out = "replayed:";
                          for (const auto& record : i.records) out += " record " + text(record.number);
                          return out;
                        },
                        [](const in::replay_failed&) { return std::string("replay failed"); },
                        [](const in::loaded& i) {
                          return "loaded " + i.category + "/" + i.key + ": " +
                                 (!i.image   ? std::string(journal::name_of(i.image.error().kind))
                                  : *i.image ? "a snapshot"
                                             : "none");
                        },
                        [](const in::history& i) {
                          std::string out = "history of " + i.category + "/" + i.key + ":";
                          for (const auto& record : i.records) out += " record " + text(record.number);
                          return out + (i.complete ? ", complete" : "");
                        },
                        [](const in::snapshots_stored& i) {
                          return std::string("snapshots stored: ") + (i.result ? "done" : "failed");
                        },
                        [](const in::commands& i) {
                          std::string out = "commands:";
                          for (const auto& one : i.list) out += " " + command_text(*one) + " " + one->key;
                          return out;
                        },
                        [](const in::tick&) { return std::string("tick"); },
                        [](const in::tail_budget& i) { return "tail budget: " + std::to_string(i.events); },
                        [](const in::close&) { return std::string("close"); },
                        [](const in::abandon&) { return std::string("abandon"); },
                    },
                    input);
}

std::string describe(const core::effects& out, core::phase phase) {
  std::string lines;
  const auto line = [&](const std::string& what) { lines += "    " + what + "\n"; };
  for (const auto& one : out.discards) line("discard " + one.category.value_or("the whole checkpoint"));
  if (out.read_tail) line("read tail");
  if (out.append)
    line("append after record " + text(out.append->expected) + ": " + describe_record(*out.append->record));
  if (out.successor) line("successor of record " + text(out.successor->tail));
  if (out.replay) line("replay from record " + text(out.replay->from));
  for (const auto& one : out.loads) line("load " + one.category + "/" + one.key);
  for (const auto& one : out.rebuilds) line("rebuild " + one.category + "/" + one.key);
  if (out.snapshots) line(group_text(*out.snapshots));
  for (const auto& one : out.answers) line("answer " + answer_text(one));
  if (out.done_commands != 0) line("credits back: " + std::to_string(out.done_commands));
  if (out.wake_at != 0) line("wake up at " + std::to_string(out.wake_at));
  line(std::string(name_of(phase)));
  return lines;
}

}  // namespace quipu::simulation
