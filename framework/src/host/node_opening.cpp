#include "checkpoint/lmdb_checkpoints.hpp"
#include "config/key_table.hpp"
#include "host/node.hpp"
#include "log/standard_sink.hpp"

#include <quipu/journal/open.hpp>
#include <quipu/journal/record.hpp>
#include <quipu/schema_agreement.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>

namespace quipu::host {
namespace {

std::unexpected<error> cannot_open(const std::string& what, const journal::failure& why) {
  return std::unexpected(error(why.code, what + ": " + why.text));
}

std::unexpected<error> wrong(std::string text) {
  return std::unexpected(error(error_code::runtime_option, std::move(text)));
}

std::string host_and_pid() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return std::string(host.data()) + " pid " + std::to_string(::getpid());
}

result<void> check(const options& how, const domain& what) {
  if (how.directory.empty())
    return wrong("options.directory is empty: say where the node keeps its checkpoints");
  if (auto why = config::out_of_range(how); !why.empty()) return wrong(std::move(why));
  if (auto sound = well_formed(what); !sound) return sound;
  if (what.entities().empty())
    return std::unexpected(
        error(error_code::domain_invalid, "the domain " + what.name() +
                                              " has projections alone, and a runtime serves entities: add "
                                              "quipu::entities<...>"));
  return {};
}

result<log::logger> start_log(const options& how) {
  auto sink = how.log.sink;
  if (!sink && how.log.level != log_level::off) {
    auto standard = log::standard_sink(how.log);
    if (!standard) return wrong(std::move(standard.error()));
    sink = std::move(*standard);
  }
  return log::logger(std::move(sink), how.log.level, [clock = wall_clock(how.clock)] { return clock.now(); });
}

}  // namespace

node::node(const domain& what, options how, caf::actor_system* actors, log::logger log)
    : domain_(what),
      how_(std::move(how)),
      clock_(how_.clock),
      log_(std::move(log)),
      on_(actors),
      notices_(logged(log_, how_.on_notice), clock_) {
  if (how_.owner.empty()) how_.owner = host_and_pid();
  if (how_.threads == 0) how_.threads = std::max(1U, std::thread::hardware_concurrency());
}

result<std::unique_ptr<node>> node::open(const domain& what, std::unique_ptr<journal::journal> on,
                                         options how, caf::actor_system* actors) {
  if (auto sane = check(how, what); !sane) return std::unexpected(sane.error());
  if (actors != nullptr && !partition_actors::can_run_on(*actors))
    return wrong(
        "the actor system does not know Quipu: call quipu::configure(config) before it is made "
        "(quipu/caf.hpp)");
  auto log = start_log(how);
  if (!log) return std::unexpected(log.error());
  std::unique_ptr<node> made(new node(what, std::move(how), actors, std::move(*log)));
  if (auto opened = made->open_all(std::move(on)); !opened) {
    // At info: the caller is told, and it is the caller's to say.
    made->log_.say(log_level::info, "node", "the node is not opened: " + opened.error().text);
    return std::unexpected(opened.error());
  }
  return made;
}

result<void> node::open_all(std::unique_ptr<journal::journal> on) {
  if (auto opened = open_stores(std::move(on)); !opened) return opened;
  if (auto agrees = check_schema_agreement(domain_, *journal_); !agrees) return agrees;
  if (auto stored = store_schemas(); !stored) return stored;
  if (auto started = start_partitions(); !started) return started;
  return await_serving();
}

result<void> node::open_stores(std::unique_ptr<journal::journal> on) {
  auto hold = storage::directory_hold::take(how_.directory, true);
  if (!hold) return cannot_open("the runtime's directory", hold.error());
  hold_ = std::move(*hold);
  if (on) {
    journal_ = std::move(on);
  } else {
    log_.say(log_level::info, "node",
             domain_.name() + " opens the journal " + journal::without_secrets(how_.journal),
             {{"owner", how_.owner}, {"directory", how_.directory.string()}});
    auto opened = open_journal();
    if (!opened) return cannot_open("the journal " + journal::without_secrets(how_.journal), opened.error());
    journal_ = std::move(*opened);
  }
  const auto& about = journal_->about();
  if (log_.wants(log_level::info)) {
    const auto stored = journal_->summarize();
    log_.say(log_level::info, "journal",
             "the journal is open" + (stored && !stored->durability.empty() ? "; " + stored->durability : ""),
             {{"partitions", std::int64_t{about.partitions}}, {"lineage", about.lineage.hex()}});
  }
  if (about.partitions != how_.partitions)
    notes_.push_back("the journal has " + std::to_string(about.partitions) +
                     " partitions, fixed when it was created; " + "options.partitions (" +
                     std::to_string(how_.partitions) + ") is not used");
  auto checkpoints =
      checkpoint::open_lmdb(how_.directory / "checkpoints", about.incarnation, about.partitions);
  if (!checkpoints) return cannot_open("the checkpoints", checkpoints.error());
  checkpoints_ = std::move(checkpoints->store);
  if (!checkpoints->discarded.empty())
    note_rebuilt("the checkpoints were discarded and are rebuilt: " + checkpoints->discarded);
  return {};
}

// A server may be starting at this moment too.
journal::result<std::unique_ptr<journal::journal>> node::open_journal() const {
  journal::creation creation;
  creation.partitions = how_.partitions;
  creation.replicas = how_.replicas;
  const journal::opening opening{.mode = journal::access::write,
                                 .node_directory = how_.directory,
                                 .owner = how_.owner,
                                 .take_over = how_.take_over,
                                 .login = how_.login};
  const auto until = std::chrono::steady_clock::now() + how_.open_within;
  int tries = 0;
  for (auto wait = std::chrono::milliseconds(50);;
       wait = std::min(2 * wait, std::chrono::milliseconds(2000))) {
    auto opened = journal::open_or_create(how_.journal, creation, opening);
    const bool may_come = !opened && opened.error().kind == journal::failure_kind::unavailable;
    if (!may_come || std::chrono::steady_clock::now() + wait > until) return opened;
    if (tries++ == 0)
      log_.say(log_level::warning, "journal",
               "the journal cannot be reached yet and is tried again until options.open_within: " +
                   opened.error().text);
    std::this_thread::sleep_for(wait);
  }
}

// Durable before their first use, so that any tool can read any event without this program.
result<void> node::store_schemas() {
  std::set<id128> stored;
  for (const auto* type : domain_.entities()) {
    for (const auto& named : type->schemas) {
      if (!stored.insert(named.schema).second) continue;
      const auto put = journal_->put_schema({named.schema, bytes(named.binary.begin(), named.binary.end())});
      if (!put) return cannot_open("storing the schema of " + named.name, put.error());
    }
  }
  return {};
}

void node::note_rebuilt(std::string text) {
  notices_.tell({.kind = notice_kind::rebuilt, .text = text});
  notes_.push_back(std::move(text));
}

result<void> node::start_partitions() {
  const auto& about = journal_->about();
  const auto count = about.partitions;
  board_ = std::make_unique<status_board>(count);
  target_ = std::make_unique<recovery_target>(how_.recovery_target, count);
  const std::vector<const port::entity_type*> types(domain_.entities().begin(), domain_.entities().end());
  gateway_ = std::make_unique<gateway>(
      count, types,
      gateway::rules{.bounds = {how_.admission.commands_per_partition, how_.admission.bytes_per_partition,
                                how_.admission.waiting_per_partition},
                     .deadline = how_.deadline,
                     .command_bytes_most = about.max_record_bytes,
                     .clock = clock_});
  snapshots_ = std::make_unique<snapshot_writer>(*checkpoints_);
  replayer_ = std::make_unique<replayer>(*journal_, count);
  actors_ = std::make_unique<partition_actors>(how_.threads, on_);

  core::limits limits;
  limits.commands_per_entity = how_.entities.commands_per_entity;
  limits.commit_events = how_.entities.events_per_command;
  limits.reply_bytes = how_.entities.reply_bytes;
  limits.state_bytes = how_.entities.state_bytes;
  limits.resident_entities = how_.entities.resident_per_partition;
  limits.settle_within = how_.settle_within;
  limits.batch_bytes = std::min(limits.batch_bytes, about.max_record_bytes / 3 * 2);
  const std::vector<std::uint64_t> no_commits(count, 0);
  const auto budgets = target_->budgets(no_commits);
  const auto opening = id128::random().low;
  const surroundings around{*journal_, *checkpoints_, *snapshots_, *replayer_,
                            *board_,   notices_,      clock_,      log_};

  std::vector<core::partition_checkpoint> checkpoints;
  for (std::uint32_t p = 0; p < count; ++p) {
    auto checkpoint = checkpoints_->open(p);
    if (checkpoint) {
      had_checkpoint_ |= !checkpoint->floors.empty();
      checkpoints.push_back(std::move(*checkpoint));
      continue;
    }
    note_rebuilt("the checkpoint of partition " + std::to_string(p) +
                 " cannot be read and is rebuilt: " + checkpoint.error().text);
    if (const auto gone = checkpoints_->discard(p, std::nullopt); !gone)
      return cannot_open("discarding the damaged checkpoint of partition " + std::to_string(p), gone.error());
    checkpoints.emplace_back();
  }
  for (std::uint32_t p = 0; p < count; ++p) {
    core::partition_config config;
    config.id = p;
    config.journal = about;
    config.opening = opening;
    config.owner = how_.owner;
    config.entities = types;
    config.limits = limits;
    config.snapshots = {how_.snapshots.every_events, how_.snapshots.every};
    config.tail_budget = budgets[p];
    config.retry_quarantined = how_.retry_quarantined;
    auto& inbox = gateway_->of(p);
    doors_.push_back(actors_->spawn(std::make_unique<partition_host>(std::move(config), around, inbox)));
    inbox.on_filled([door = doors_.back()] { door->wake(); });
  }
  replayer_->start(doors_);
  for (std::uint32_t p = 0; p < count; ++p) doors_[p]->post(core::input::start{std::move(checkpoints[p])});
  return {};
}

result<void> node::await_serving() {
  const auto claims_until = status_board::clock::now() + how_.open_within;
  const auto over = [](core::phase phase) {
    return phase == core::phase::superseded || phase == core::phase::failed;
  };
  const auto claimed = [&](core::phase phase) {
    return phase == core::phase::replaying || phase == core::phase::serving || over(phase);
  };
  const auto settled = [&](core::phase phase) { return phase == core::phase::serving || over(phase); };
  const bool in_time = board_->await(claimed, claims_until);
  if (in_time) board_->await(settled, status_board::clock::time_point::max());
  const auto all = board_->all();
  for (std::size_t p = 0; p < all.size(); ++p) {
    const auto place = "partition " + std::to_string(p);
    if (all[p].phase == core::phase::superseded)
      return std::unexpected(error(error_code::partition_superseded, place + ": " + all[p].why));
    if (all[p].phase == core::phase::failed)
      return std::unexpected(error(all[p].code, place + " cannot be opened: " + all[p].why));
    if (!settled(all[p].phase))
      return std::unexpected(error(error_code::runtime_not_claimed,
                                   place + " was not claimed within " +
                                       std::to_string(how_.open_within.count()) +
                                       " ms (options.open_within): the journal does not answer"));
  }
  for (const auto& one : all) {
    recovery_.snapshots_loaded += one.loaded_snapshots;
    recovery_.events_replayed += one.replayed_events;
  }
  if (!had_checkpoint_ && recovery_.events_replayed > 0)
    note_rebuilt("there was no checkpoint: all was rebuilt from the journal's first record");
  const auto took = replayer_->pass_took();
  recovery_.took = std::chrono::duration_cast<std::chrono::milliseconds>(took);
  target_->replayed(recovery_.events_replayed, took);
  if (target_->measured()) recovery_.events_per_second = target_->events_per_second();
  share_out_budgets(all);
  notices_.tell({.kind = notice_kind::opened,
                 .text = how_.owner + " serves all " + std::to_string(all.size()) + " partitions of " +
                         domain_.name() + "; " + std::to_string(recovery_.events_replayed) +
                         " events were replayed in " + std::to_string(recovery_.took.count()) + " ms",
                 .events = recovery_.events_replayed,
                 .took = recovery_.took});
  watch_ = std::thread([this] { watch(); });
  return {};
}

}  // namespace quipu::host
