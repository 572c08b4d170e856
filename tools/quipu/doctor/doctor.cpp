/// quipu doctor
#include <array>
#include <cstdio>
#include <future>
#include <memory>
#include <quipu/journal/open.hpp>
#include <quipu/projections/read_models.hpp>
#include <string>
#include <utility>

#include "command.hpp"
#include "doctor/finding.hpp"
#include "terminal/interruption.hpp"

namespace quipu::tool {

std::string_view name_of(level how) {
  switch (how) {
    case level::ok:
      return "ok";
    case level::note:
      return "note";
    case level::care:
      return "care";
  }
  return "";
}

std::string age_text(double seconds) {
  const auto text = [](double number, const char* unit) {
    std::array<char, 64> out{};
    const auto length = std::snprintf(out.data(), out.size(), "%.0f %s", number, unit);
    return std::string(out.data(), static_cast<std::size_t>(length));
  };
  if (seconds < 120) return text(seconds, "s");
  if (seconds < 120 * 60) return text(seconds / 60, "min");
  if (seconds < 48 * 3600) return text(seconds / 3600, "h");
  return text(seconds / 86'400, "days");
}

std::string shown_url(const evidence& known) { return journal::without_secrets(known.url); }

namespace {

struct arguments {
  std::string url;
  std::string directory;
  std::string module;
  bool as_json = false;
};

/// A check gives its findings; none where it has nothing to look at.
struct check {
  const char* name;
  std::vector<finding> (*look)(const evidence&);
};

constexpr check of_server{"server", check_server};
/// What is looked at once the journal is open, in this order.
constexpr std::array checks{check{"versions", check_versions},       check{"durability", check_durability},
                            check{"records", check_records},         check{"commits", check_commits},
                            check{"schemas", check_schemas},         check{"room", check_room},
                            check{"directory", check_directory},     check{"skew", check_skew},
                            check{"owners", check_owners},           check{"recovery", check_recovery},
                            check{"projections", check_projections}, check{"module", check_module}};

class examination {
 public:
  examination(const arguments& given, output& out) : given_(given), out_(out) {
    known_.url = given.url;
    known_.directory = given.directory;
  }

  exit_code operator()() {
    // Beside the opening, so that both together keep to the five seconds in which a server that is down is told.
    auto greetings = std::async(std::launch::async, [servers = servers_of(given_.url)] {
      return greet(servers, std::chrono::milliseconds(1500));
    });
    auto opened =
        journal::open(given_.url, {.mode = journal::access::read, .node_directory = given_.directory});
    if (!opened && opened.error().kind == journal::failure_kind::invalid) return give_up(opened.error());
    known_.greetings = greetings.get();
    print(of_server);
    if (!opened) return out_.flush(), give_up(opened.error());
    if (const auto code = gather(**opened); code != exit_code::done) return out_.flush(), code;
    for (const auto& one : checks) print(one);
    return needs_care_ ? exit_code::found_wrong : exit_code::done;
  }

 private:
  exit_code gather(journal::journal& from) {
    known_.about = from.about();
    auto sum = from.summarize();
    if (!sum) return give_up(sum.error());
    known_.sum = std::move(*sum);
    auto recent = read_recent(from, known_.sum);
    if (!recent) return give_up(recent.error());
    known_.recent = std::move(*recent);
    auto schemas = from.schemas();
    if (!schemas) return give_up(schemas.error());
    known_.schemas = std::move(*schemas);
    if (!given_.module.empty()) {
      auto loaded = load_module(given_.module);
      if (!loaded) {
        complain(loaded.error().text);
        return exit_code::not_opened;
      }
      known_.loaded = std::move(*loaded);
    }
    known_.now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    if (given_.directory.empty()) return exit_code::done;
    known_.checkpoints = look_at_checkpoints(from);
    return gather_projections(from);
  }

  journal::result<examined_checkpoints> look_at_checkpoints(journal::journal& from) {
    auto opened = checkpoints::open(given_.directory);
    if (!opened) return std::unexpected(opened.error());
    examined_checkpoints out{.incarnation = opened->incarnation(), .partitions = {}};
    for (journal::partition_id p = 0; p < opened->partitions(); ++p) {
      auto one = opened->partition(p);
      if (!one) return std::unexpected(one.error());
      const auto seen = known_.recent.partitions.find(p);
      if (one->newest == 0 && seen != known_.recent.partitions.end() && seen->second.events > 0)
        out.replay_from = position::of(known_.sum.first, 0);  // events, and no snapshot of any
      for (const auto& category : one->categories)
        out.replay_from = std::min(out.replay_from.value_or(category.replay_from), category.replay_from);
      out.partitions.push_back(std::move(*one));
    }
    if (!out.replay_from) return out;
    const auto cursor = from.read(out.replay_from->record());
    if (const auto oldest = cursor->next(); oldest && *oldest)
      if (const auto view = journal::record_view::decode((*oldest)->data); view)
        out.replay_from_us = view->stamp().time_us;
    return out;
  }

  exit_code gather_projections(journal::journal& from) {
    read_models models(given_.directory);
    const auto names = models.projections();
    if (!names) return give_up(names.error());
    for (const auto& name : *names) {
      if (interrupted()) break;
      examined_projection one{name, models.kept(name), {}};
      const auto* live = one.kept ? one.kept->live() : nullptr;
      if (live != nullptr && live->trouble.empty() && live->incarnation == known_.about.incarnation)
        one.behind = distance_of(from, *live);
      known_.projections.push_back(std::move(one));
    }
    return exit_code::done;
  }

  void print(const check& which) {
    for (const auto& one : which.look(known_)) {
      needs_care_ = needs_care_ || one.how == level::care;
      if (given_.as_json) {
        out_.line(line_of(json{{"check", which.name},
                               {"level", name_of(one.how)},
                               {"what", valid_utf8(one.what)},
                               {"cure", one.cure.empty() ? json(nullptr) : json(valid_utf8(one.cure))}}));
        continue;
      }
      auto line = std::string(name_of(one.how));
      line.resize(6, ' ');
      line += which.name;
      line.resize(std::max<std::size_t>(line.size() + 1, 19), ' ');
      out_.line(line + printable(one.what));
      if (!one.cure.empty()) out_.line("      -> " + printable(one.cure));
    }
  }

  const arguments& given_;
  output& out_;
  evidence known_;
  bool needs_care_ = false;
};

constexpr auto footer =
    R"(What an operator is asked at night, in one look that changes nothing and runs beside a live writer. Of a large journal the
newest 20 000 records are read and checked (128 MiB at most); quipu journal verify reads all. How fast the journal grows and
how the events are spread is told from these. Without --directory nothing is known of projections and checkpoints.

Levels: ok; note, worth knowing; care, somebody should do something. The line behind -> is the cure.
Exit codes: 0 nothing needs care; 1 something does; 2 wrong usage; 3 could not reach or open.

Keys of --json, an object a finding: check (server, versions, durability, records, commits, schemas, room, directory, skew,
owners, recovery, projections, module), level (ok, note, care), what, cure (null where nothing is to be done).

Examples:
  quipu doctor lmdb:data/journal --directory data
  quipu doctor "nats://127.0.0.1:4222/bank?monitor=127.0.0.1:8222" --directory data --module ./bank_module.so
  quipu doctor lmdb:data/journal --json | jq 'select(.level == "care")')";

}  // namespace

void add_doctor(CLI::App& app, chosen& command) {
  auto given = std::make_shared<arguments>();
  auto* doctor = app.add_subcommand("doctor", "Say what needs care, and the cure");
  doctor->add_option("URL", given->url, journal_urls)->required();
  doctor->add_option("--directory", given->directory,
                     "The node's directory, with checkpoints and read-models");
  doctor->add_option("--module", given->module, "The domain's module: whether it fits what is stored");
  doctor->add_flag("--json", given->as_json, "An object a finding");
  doctor->footer(footer);
  doctor->callback(
      [given, &command] { command.run = [given](output& out) { return examination(*given, out)(); }; });
}

}  // namespace quipu::tool
