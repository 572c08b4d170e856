// The read models of the directory, and the module that should keep them.
#include <quipu/projections/projection_type.hpp>

#include <algorithm>
#include <chrono>

#include "doctor/finding.hpp"

namespace quipu::tool {
namespace {

std::string in_directory(const evidence& known, const std::string& name) {
  return name + " --directory " + known.directory;
}

void judge_lag(const evidence& known, const std::string& name, const kept_generation_facts& live,
               const distance& behind, std::vector<finding>& out) {
  const auto seconds = std::chrono::duration<double>(behind.time).count();
  if (behind.events == 0) {
    out.push_back({level::ok, name + ": has all that the journal holds", ""});
    return;
  }
  const auto what = name + ": about " + std::to_string(behind.events) + " events and " + age_text(seconds) +
                    " behind" + (live.holder ? "" : ", and nobody keeps it");
  if (behind.backlog != backlog_word::high) {
    out.push_back({live.holder ? level::ok : level::note, what, ""});
  } else if (live.paused || live.failed) {
    out.push_back({level::care, what, "see the line about why it stands still"});
  } else {
    out.push_back({level::care, what,
                   live.holder
                       ? "quipu top " + shown_url(known) + " --directory " + known.directory +
                             " shows whether it catches up; if not, give its machine room or rebuild it"
                       : "start the program that follows it"});
  }
}

void judge_live(const evidence& known, const examined_projection& one, const kept_generation_facts& live,
                std::vector<finding>& out) {
  const auto& name = one.name;
  if (!live.trouble.empty()) {
    out.push_back({level::care, name + ": can't be read: " + live.trouble,
                   "rebuild it: quipu replay --module M --projection " + in_directory(known, name)});
    return;
  }
  if (live.incarnation != known.about.incarnation) {
    out.push_back({level::care, name + ": follows another journal (" + live.incarnation.hex() + ")",
                   "name the journal that it follows, or rebuild it from this one: quipu replay"});
    return;
  }
  if (live.failed)
    out.push_back({level::care, name + ": failed: " + *live.failed,
                   "mend what the line says and start its program again"});
  if (live.paused)
    out.push_back({level::note, name + ": paused: " + *live.paused,
                   "quipu projection resume " + in_directory(known, name)});
  if (live.dead_letters > 0)
    out.push_back({level::care, name + ": " + std::to_string(live.dead_letters) + " dead letters",
                   "quipu dead-letter ls --directory " + known.directory + " --projection " + name +
                       " says why; when that is mended: quipu dead-letter retry"});
  if (one.behind && !*one.behind)
    out.push_back(
        {level::note, name + ": how far it is behind is not known: " + (*one.behind).error().text, ""});
  else if (one.behind)
    judge_lag(known, name, live, **one.behind, out);
  if (!known.loaded) return;
  const auto* type = known.loaded->domain().find_projection(name);
  if (type != nullptr && type->version != live.version)
    out.push_back({level::care,
                   name + ": its rows are of version " + std::to_string(live.version) + ", the module has " +
                       std::to_string(type->version),
                   "quipu replay --module M --projection " + in_directory(known, name) + " --promote"});
}

}  // namespace

std::vector<finding> check_projections(const evidence& known) {
  if (known.directory.empty())
    return {{level::note, "no directory was named: nothing is known of projections and checkpoints",
             "--directory DIR, where the program runs"}};
  std::vector<finding> out;
  for (const auto& one : known.projections) {
    if (!one.kept) {
      out.push_back(
          {level::care, one.name + ": " + describe(one.kept.error()), "quipu explain says what to do"});
      continue;
    }
    if (const auto* live = one.kept->live())
      judge_live(known, one, *live, out);
    else
      out.push_back({level::note, one.name + ": no generation of it is live",
                     "quipu projection promote " + in_directory(known, one.name)});
    for (const auto& generation : one.kept->generations)
      if (generation.unpromoted && !generation.holder)
        out.push_back({level::note,
                       one.name + ": generation " + std::to_string(generation.number) +
                           " is a rebuild that nobody promoted",
                       "promote it, or remove it: quipu replay --help"});
  }
  if (out.empty()) out.push_back({level::ok, "no read models in " + known.directory, ""});
  return out;
}

std::vector<finding> check_module(const evidence& known) {
  if (!known.loaded) return {};
  std::vector<finding> out;
  const auto& domain = known.loaded->domain();
  for (const auto& [type, events] : known.recent.types) {
    const bool named = std::ranges::any_of(domain.entities(), [&](const auto* entity) {
      return entity->takes_unknown_events ||
             std::ranges::any_of(entity->events, [&](const auto& event) { return event.name == type.first; });
    });
    if (!named && !domain.entities().empty())
      out.push_back({level::care,
                     "the module does not know " + type.first + ", of which there are " +
                         std::to_string(events) + " events",
                     "a partition stops at an event that its program does not know: is this the right "
                     "module, and the newest?"});
  }
  if (out.empty())
    out.push_back({level::ok,
                   "the module's domain " + domain.name() + " knows all event types of the newest records",
                   ""});
  return out;
}

}  // namespace quipu::tool
