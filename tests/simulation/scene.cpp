#include "scene.hpp"

#include "describe.hpp"

#include <algorithm>
#include <sstream>

namespace quipu::simulation {

struct scene::actor {
  actor(std::string called, core::partition_config config)
      : name(std::move(called)), number(config.opening), core(std::move(config)) {}
  std::string name;
  std::uint64_t number;
  core::partition core;
  core::effects out;
  std::unique_ptr<journal::cursor> replay;
  std::uint32_t pass = 0;
  std::vector<core::effect::load> loads;
  std::vector<core::snapshot_group> writes;
};

scene::scene()
    : log_({.how = {},
            .manual = true,
            .about = journal::identity{.lineage = {1, 1},
                                       .incarnation = {2, 2},
                                       .partitions = 1,
                                       .max_record_bytes = 768 * 1024,
                                       .created_us = 1,
                                       .creator = "transcript"}}),
      cord_("cord", 1, false, {}, {}) {}

scene::~scene() { log_.forget_all(journal::memory::crash::drop_requests); }

std::string scene::play(const std::string& line) {
  std::istringstream words(line);
  std::string verb_name, first;
  words >> verb_name >> first;
  const auto find = [this](const std::string& name) {
    const auto found = std::ranges::find(actors_, name, &actor::name);
    return found == actors_.end() ? nullptr : found->get();
  };
  if (verb_name == "open") {
    core::partition_config config;
    config.journal = log_.about();
    config.opening = ++openings_;
    config.owner = first;
    config.entities = {&cord_};
    config.limits.settle_within = std::chrono::milliseconds(100);
    now_on_ = actors_.emplace_back(std::make_unique<actor>(first, std::move(config))).get();
    return step(core::input::start{*store_.open(0)});
  }
  if (verb_name == "owner") {
    now_on_ = find(first);
    return now_on_ == nullptr ? "    nobody of that name\n" : "";
  }
  if (verb_name == "settle") return settle(first, false);
  if (verb_name == "late") return settle("deliver", true);
  if (now_on_ == nullptr) return "    nobody is there\n";
  if (verb_name == "ask") {
    body what;
    std::string what_name;
    words >> what_name >> what.count >> what.amount;
    for (const auto one :
         {verb::begin, verb::tie, verb::end, verb::look, verb::fault_decide, verb::fault_evolve})
      if (body{one, 0, 0}.text().starts_with(what_name)) what.what = one;
    return ask(first, what, {std::uint64_t{1} << 16U, asked_.size() + 1});
  }
  if (verb_name == "again") {
    const auto& before = asked_.at(std::stoul(first) - 1);
    return ask(before.key, before.what, before.id);
  }
  if (verb_name == "feed") return feed();
  if (verb_name == "load") {
    std::string out;
    for (const auto& one : std::exchange(now_on_->loads, {}))
      out += step(core::input::loaded{one.category, one.key, store_.load(0, one.category, one.key)});
    return out;
  }
  if (verb_name == "store") {
    const auto result = store_.write(std::exchange(now_on_->writes, {}));
    return step(core::input::snapshots_stored{result});
  }
  if (verb_name == "tick") {
    now_ += std::stol(first) * 1000;
    return step(core::input::tick{});
  }
  if (verb_name == "budget") return step(core::input::tail_budget{std::stoul(first)});
  if (verb_name == "close") return step(core::input::close{});
  if (verb_name == "crash") {
    log_.forget_client(now_on_->number, journal::memory::crash::keep_requests);
    std::erase_if(actors_, [this](const auto& one) { return one.get() == now_on_; });
    now_on_ = nullptr;
    return "";
  }
  return "    unknown command\n";
}

std::string scene::ask(const std::string& key, const body& what, const command_id& id) {
  if (std::ranges::find(asked_, id, &asked::id) == asked_.end()) asked_.push_back({id, key, what});
  auto made = std::make_unique<model_command>(*this, ++attempts_, what);
  made->entity = &cord_;
  made->key = key;
  made->entity_hash = journal::entity_hash("cord", key);
  made->id = id;
  made->reads = what.what == verb::look;
  made->body_hash = what.hash();
  core::input::commands given;
  given.list.push_back(std::move(made));
  return step(std::move(given));
}

std::string scene::step(core::any_input input) {
  std::string out = "    > " + now_on_->name + ": " + describe(input) + "\n";
  now_on_->core.step(std::move(input), now_, now_on_->out);
  out += describe(now_on_->out, now_on_->core.phase());
  carry_out();
  return out;
}

void scene::carry_out() {
  auto* who = now_on_;
  auto& out = who->out;
  log_.act_as(who->number);
  const auto hear = [this, who](auto input) {
    now_on_ = who;
    heard_ += step(std::move(input));
  };
  for (const auto& one : out.discards) (void)store_.discard(0, one.category);
  if (out.read_tail)
    log_.tail(0, [hear](core::record_result r) { hear(core::input::tail_read{std::move(r)}); });
  if (out.append)
    log_.append(0, out.append->expected, out.append->record,
                [hear](journal::append_result r) { hear(core::input::append_settled{std::move(r)}); });
  if (out.successor)
    log_.successor(0, out.successor->tail,
                   [hear](core::record_result r) { hear(core::input::successor_read{std::move(r)}); });
  if (out.replay) {
    who->replay = log_.read(out.replay->from, 0);
    who->pass = out.replay->pass;
  }
  for (auto& one : out.loads) who->loads.push_back(one);
  if (out.snapshots) who->writes.push_back(std::move(*out.snapshots));
  for (auto& one : out.answers) one.give();
}

std::string scene::settle(const std::string& fate_name, bool late) {
  using journal::memory::fate;
  static constexpr std::pair<const char*, fate> fates[] = {
      {"deliver", fate::deliver},     {"lose_ack", fate::lose_ack}, {"lose_request", fate::lose_request},
      {"delay", fate::delay_request}, {"refuse", fate::refuse},     {"unavailable", fate::unavailable}};
  const auto found =
      std::ranges::find(fates, fate_name, [](const auto& one) { return std::string(one.first); });
  std::size_t which = 0;
  while (which < log_.pending() && log_.look(which).awaited == late) ++which;
  if (found == std::end(fates) || which == log_.pending()) return "    nothing to settle so\n";
  heard_.clear();
  auto* turn = now_on_;
  log_.settle(which, found->second);
  now_on_ = turn;
  return heard_.empty() ? "    (nobody waits for it)\n" : std::move(heard_);
}

std::string scene::feed() {
  if (!now_on_->replay) return "    nothing to replay\n";
  core::input::replayed fed;
  fed.pass = now_on_->pass;
  for (auto next = now_on_->replay->next(); next && *next; next = now_on_->replay->next())
    fed.records.push_back(**next);
  return step(std::move(fed));
}

}  // namespace quipu::simulation
