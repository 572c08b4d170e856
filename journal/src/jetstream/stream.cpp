#include "jetstream/stream.hpp"

#include "jetstream/monitor.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace quipu::journal::jetstream {
namespace {

std::string shown(const json& config, const char* key) {
  const auto found = config.find(key);
  return found == config.end() ? "missing" : found->dump();
}

/// A limit that must be off; the API says so with 0, -1 or by leaving it out.
bool is_off(const json& config, const char* key) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return true;
  return found->is_number() && found->get<std::int64_t>() <= 0;
}

bool is_true(const json& config, const char* key) {
  const auto found = config.find(key);
  return found != config.end() && found->is_boolean() && found->get<bool>();
}

bool is_there(const json& config, const char* key) {
  const auto found = config.find(key);
  return found != config.end() && !found->is_null() && !found->empty();
}

bool is_word(const json& config, const char* key, std::string_view word) {
  const auto found = config.find(key);
  return found != config.end() && found->is_string() && found->get_ref<const std::string&>() == word;
}

std::vector<std::string> sorted_subjects(const json& config) {
  std::vector<std::string> all;
  if (const auto found = config.find("subjects"); found != config.end() && found->is_array())
    for (const auto& one : *found)
      if (one.is_string()) all.push_back(one.get<std::string>());
  std::ranges::sort(all);
  return all;
}

json wanted_subjects(const std::string& name) {
  return {name + ".p.*", name + ".header", name + ".schema.*"};
}

void check_limits(const json& config, std::vector<std::string>& wrong) {
  const std::pair<const char*, const char*> limits[] = {
      {"max_age", "records would be deleted by age"},
      {"max_bytes", "the server would delete or refuse records past it"},
      {"max_msgs", "the server would delete or refuse records past it"},
      {"max_msgs_per_subject", "each partition would keep its last records only"},
      {"max_msg_size", "records could be refused"},
      {"subject_delete_marker_ttl", "markers would be written among the records"},
  };
  for (const auto& [key, why] : limits)
    if (!is_off(config, key))
      wrong.push_back(std::string(key) + " is " + shown(config, key) + ": " + why + ". Set it to unlimited.");
}

void check_switches(const json& config, const settings& where, std::vector<std::string>& wrong) {
  if (!is_word(config, "retention", "limits"))
    wrong.push_back(
        "retention is " + shown(config, "retention") +
        ": records would vanish once they were read. A journal needs \"limits\": create it anew.");
  if (!is_word(config, "storage", "file") && !where.memory_storage)
    wrong.push_back(
        "storage is " + shown(config, "storage") +
        ": the journal would end with the server. Create it with file storage, or say storage=memory.");
  if (is_true(config, "no_ack"))
    wrong.push_back("no_ack is set: nobody would know what was stored. Switch it off.");
  if (is_true(config, "allow_rollup_hdrs"))
    wrong.push_back("allow_rollup_hdrs is set: one message could delete all before it. Switch it off.");
  if (is_true(config, "allow_msg_ttl"))
    wrong.push_back("allow_msg_ttl is set: records could expire. Create the stream without it.");
  if (is_true(config, "allow_msg_counter"))
    wrong.push_back("allow_msg_counter is set: the stream counts instead of keeping. Create it without.");
  if (is_true(config, "sealed"))
    wrong.push_back("the stream is sealed: nothing can be appended. Create another.");
  if (is_word(config, "persist_mode", "async"))
    wrong.push_back("persist_mode is async: acknowledged records may not be written. Set it to default.");
  if (!where.allows_deletes && (!is_true(config, "deny_delete") || !is_true(config, "deny_purge")))
    wrong.push_back(
        "deny_delete and deny_purge are not both set: an operator's command could remove records. Set both, "
        "or say deletes=allowed if that is what you want.");
  for (const auto* key : {"subject_transform", "mirror", "sources", "republish"})
    if (is_there(config, key))
      wrong.push_back(std::string(key) +
                      " is configured: what the journal holds or where it goes would not be what was "
                      "appended. Remove it.");
}

int api_level_of(const json& server_info) {
  const auto api = server_info.find("api");
  if (api == server_info.end() || !api->is_object()) return 0;
  const auto level = api->find("level");
  return level != api->end() && level->is_number_integer() ? level->get<int>() : 0;
}

}  // namespace

subjects::subjects(std::string name, std::uint32_t partitions)
    : name_(std::move(name)), partition_prefix_(name_ + ".p.") {
  partitions_.reserve(partitions);
  for (std::uint32_t p = 0; p < partitions; ++p) partitions_.push_back(partition_prefix_ + std::to_string(p));
}

std::optional<partition_id> subjects::partition_in(std::string_view subject) const {
  if (!subject.starts_with(partition_prefix_)) return std::nullopt;
  const auto text = subject.substr(partition_prefix_.size());
  partition_id partition = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), partition);
  if (error != std::errc() || stop != text.data() + text.size() || partition >= partitions_.size())
    return std::nullopt;
  return partition;
}

std::string api_subject(std::string_view what, const std::string& name) {
  return "$JS.API." + std::string(what) + "." + name;
}

json stream_config(const settings& where, const creation& how) {
  return {{"name", where.name},
          {"description", "A Quipu journal"},
          {"subjects", wanted_subjects(where.name)},
          {"retention", "limits"},
          {"storage", where.memory_storage ? "memory" : "file"},
          {"discard", "new"},
          {"max_age", 0},
          {"max_bytes", -1},
          {"max_msgs", -1},
          {"max_msgs_per_subject", -1},
          {"max_msg_size", -1},
          {"max_consumers", -1},
          {"num_replicas", how.replicas},
          {"duplicate_window", std::chrono::nanoseconds(where.duplicate_window).count()},
          {"deny_delete", !where.allows_deletes},
          {"deny_purge", !where.allows_deletes},
          {"allow_rollup_hdrs", false},
          {"allow_direct", false}};
}

std::vector<std::string> preflight(const json& stream_info, const json& server_info, const settings& where) {
  std::vector<std::string> wrong;
  const auto found = stream_info.find("config");
  if (found == stream_info.end() || !found->is_object())
    return {"the server tells nothing of the stream's settings."};
  const auto& config = *found;
  auto wanted = sorted_subjects({{"subjects", wanted_subjects(where.name)}});
  if (sorted_subjects(config) != wanted)
    wrong.push_back("its subjects are " + shown(config, "subjects") + " and not " +
                    wanted_subjects(where.name).dump() +
                    ": it would hold what is no record, or miss some. Set them.");
  check_switches(config, where, wrong);
  check_limits(config, wrong);
  const auto replicas = number_at(stream_info, "config", "num_replicas");
  if (replicas == 0)
    wrong.push_back("num_replicas is " + shown(config, "num_replicas") + ": no such stream is known.");
  if (replicas > 1 && api_level_of(server_info) < 1)
    wrong.push_back("it has " + std::to_string(replicas) +
                    " replicas on a server before 2.11: two writers could both be "
                    "acknowledged there. Use nats-server 2.11 or later, or one replica.");
  return wrong;
}

keeping keeping_of(const json& stream_info, const json& server_info, const settings& where) {
  keeping out;
  const auto limit = json::json_pointer(where.memory_storage ? "/limits/max_memory" : "/limits/max_storage");
  if (server_info.contains(limit) && server_info[limit].is_number_integer())
    if (const auto most = server_info[limit].get<std::int64_t>(); most >= 0) {
      const auto used = server_info.value(where.memory_storage ? "memory" : "storage", std::int64_t{0});
      out.room = static_cast<std::uint64_t>(std::max<std::int64_t>(0, most - used));
    }
  if (where.memory_storage) {
    out.durability = "in the server's memory: ends with the server";
    out.survives_power_cut = false;
    return out;
  }
  const auto replicas = number_at(stream_info, "config", "num_replicas");
  const std::string copies =
      replicas > 1 ? "acknowledged by a majority of " + std::to_string(replicas) + " servers; each "
                   : "one server; it ";
  if (where.monitor.empty()) {
    out.durability =
        copies +
        "does not tell its clients whether it flushes before it acknowledges (monitor=HOST:PORT asks its "
        "monitoring): unless its configuration says sync_interval: always, a power cut may undo the last two "
        "minutes";
    return out;
  }
  const auto flushing = ask_monitor(where.monitor);
  if (!flushing) {
    out.durability =
        copies + "was asked at " + where.monitor + " whether it flushes, in vain: " + flushing.error().text;
    return out;
  }
  if (flushing->room) out.room = std::min(*flushing->room, out.room.value_or(*flushing->room));
  out.survives_power_cut = flushing->always;
  out.durability = flushing->always ? copies + "flushes before it acknowledges (sync_interval: always)"
                                    : copies + "flushes " + flushing->interval +
                                          " after it acknowledged: a power cut may undo that much. Set "
                                          "sync_interval: always (nats-server "
                                          "2.10 or later) to prevent it";
  return out;
}

}  // namespace quipu::journal::jetstream
