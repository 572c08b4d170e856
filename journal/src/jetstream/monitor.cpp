#include "jetstream/monitor.hpp"

#include <httplib.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace quipu::journal::jetstream {
namespace {

/// Nanoseconds as people say them.
std::string interval_text(std::int64_t nanoseconds) {
  const auto milliseconds = nanoseconds / 1'000'000;
  if (milliseconds % 1000 != 0) return std::to_string(milliseconds) + " ms";
  const auto seconds = milliseconds / 1000;
  if (seconds % 60 != 0) return std::to_string(seconds) + " s";
  return std::to_string(seconds / 60) + " min";
}

std::optional<std::uint64_t> number_at(const nlohmann::json& body, const char* place) {
  const nlohmann::json::json_pointer at(place);
  if (!body.contains(at) || !body[at].is_number_unsigned()) return std::nullopt;
  return body[at].get<std::uint64_t>();
}

}  // namespace

result<flushing> ask_monitor(const std::string& host_and_port) {
  httplib::Client http("http://" + host_and_port);
  http.set_connection_timeout(1);
  http.set_read_timeout(1);
  const auto got = http.Get("/varz");
  if (!got) return fail(error_code::server_monitor, httplib::to_string(got.error()));
  const auto body = nlohmann::json::parse(got->body, nullptr, false);
  const auto config = nlohmann::json::json_pointer("/jetstream/config");
  if (!body.is_object() || !body.contains(config) || !body[config].is_object())
    return fail(error_code::server_monitor, "it says nothing of JetStream");
  const auto& jetstream = body[config];
  flushing out;
  const auto always = jetstream.find("sync_always");
  out.always = always != jetstream.end() && *always == true;
  constexpr std::int64_t before_2_10 = 120'000'000'000;  // fixed there, and not told
  const auto interval = jetstream.find("sync_interval");
  const bool told = interval != jetstream.end() && interval->is_number_integer();
  out.interval = interval_text(told ? interval->get<std::int64_t>() : before_2_10);
  const auto most = number_at(body, "/jetstream/config/max_storage");
  const auto used = number_at(body, "/jetstream/stats/storage");
  if (most && used) out.room = *most - std::min(*most, *used);
  return out;
}

}  // namespace quipu::journal::jetstream
