#include "nats_cluster.hpp"

#include "nats_wire.hpp"
#include "waiting.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace quipu::test {
namespace {

using json = nlohmann::json;
constexpr std::chrono::seconds one_question{1};

std::string name_of(std::size_t member) { return "n" + std::to_string(member + 1); }

/// An answer as JSON; null when there is none or it is an error.
json answer(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  auto read = json::parse(*text, nullptr, false);
  return read.is_object() && !read.contains("error") ? read : json(nullptr);
}

bool in_its_place(const json& replica) {
  return replica.value("current", false) && !replica.value("offline", false) &&
         replica.value("lag", 0ULL) == 0;
}

}  // namespace

nats_cluster::nats_cluster(nats_settings settings, std::chrono::milliseconds limit) {
  const time_limit until(limit);
  std::string routes;
  for (const auto& route : routes_)
    routes +=
        (routes.empty() ? "\"" : ", \"") + ("nats://127.0.0.1:" + std::to_string(route.number())) + "\"";
  settings.store.clear();
  for (std::size_t i = 0; i < size; ++i) {
    settings.name = name_of(i);
    settings.extra =
        "cluster {\n  name: \"quipu\"\n  listen: \"127.0.0.1:" + std::to_string(routes_[i].number()) +
        "\"\n  routes: [" + routes + "]\n}\n";
    members_[i] = std::make_unique<nats_server>(settings);
  }
  for (auto& member : members_) member->start(until.left());
  wait_until_ready(until.left());
}

std::string nats_cluster::url(const std::string& journal) const {
  std::string made = "nats://";
  for (const auto& member : members_)
    made += (made.ends_with('/') ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(member->port());
  return journal.empty() ? made : made + "/" + journal;
}

/// The first answer that is no error, of a member that runs.
std::optional<std::string> nats_cluster::ask(const std::string& subject) const {
  for (const auto& member : members_) {
    if (!member->running()) continue;
    auto text = nats_request(member->port(), subject, "", one_question);
    if (!answer(text).is_null()) return text;
  }
  return std::nullopt;
}

std::optional<std::size_t> nats_cluster::member_named(const std::string& name) const {
  for (std::size_t i = 0; i < size; ++i)
    if (name_of(i) == name) return i;
  return std::nullopt;
}

std::optional<std::size_t> nats_cluster::leader() const {
  // Only the leader answers this one, and nobody does while there is none.
  if (!ask("$JS.API.INFO")) return std::nullopt;
  for (std::size_t i = 0; i < size; ++i) {
    if (!members_[i]->running()) continue;
    auto state = answer(members_[i]->monitor("/jsz", one_question));
    if (state.is_object() && state.value("/meta_cluster/leader"_json_pointer, "") == name_of(i)) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> nats_cluster::leader_of(const std::string& stream) const {
  auto info = answer(ask("$JS.API.STREAM.INFO." + stream));
  return info.is_object() ? member_named(info.value("/cluster/leader"_json_pointer, "")) : std::nullopt;
}

template <class Condition>
void nats_cluster::wait_for(const std::string& what, std::chrono::milliseconds limit, Condition holds) const {
  if (!wait_until(holds, limit))
    throw std::runtime_error("cluster: waited too long for " + what + "\n" + logs());
}

void nats_cluster::wait_until_ready(std::chrono::milliseconds limit, std::size_t members) {
  wait_for("its leader and members", limit, [&] {
    auto first = leader();
    if (!first) return false;
    auto state = answer(members_[*first]->monitor("/jsz", one_question));
    if (!state.is_object()) return false;
    const auto replicas = state.value("/meta_cluster/replicas"_json_pointer, json::array());
    return static_cast<std::size_t>(std::ranges::count_if(replicas, in_its_place)) + 1 >= members;
  });
}

std::size_t nats_cluster::wait_for_leader_of(const std::string& stream, std::chrono::milliseconds limit) {
  std::optional<std::size_t> found;
  wait_for("a leader of stream " + stream, limit, [&] {
    found = leader_of(stream);
    return found && members_[*found]->running();
  });
  return *found;
}

void nats_cluster::wait_until_replicated(const std::string& stream, std::chrono::milliseconds limit) {
  wait_for("all replicas of stream " + stream, limit, [&] {
    auto info = answer(ask("$JS.API.STREAM.INFO." + stream));
    if (!info.is_object()) return false;
    const auto replicas = info.value("/cluster/replicas"_json_pointer, json::array());
    return std::ranges::all_of(replicas, in_its_place) &&
           !info.value("/cluster/leader"_json_pointer, "").empty();
  });
}

std::string nats_cluster::logs() const {
  std::string all;
  for (std::size_t i = 0; i < size; ++i) all += name_of(i) + ":\n" + members_[i]->log(4096) + "\n";
  return all;
}

}  // namespace quipu::test
