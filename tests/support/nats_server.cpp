#include "nats_server.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace quipu::test {
namespace {

std::string quoted(const std::string& text) {
  std::string made = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') made += '\\';
    made += c;
  }
  return made + "\"";
}

std::string authorization(const nats_settings& with) {
  if (!with.nkey.empty()) return "authorization { users: [ { nkey: " + quoted(with.nkey) + " } ] }\n";
  if (!with.token.empty()) return "authorization { token: " + quoted(with.token) + " }\n";
  if (with.user.empty()) return {};
  return "authorization { user: " + quoted(with.user) + ", password: " + quoted(with.password) + " }\n";
}

std::string tls_block(const nats_tls& with) {
  std::ostringstream text;
  text << "tls {\n  cert_file: " << quoted(with.certificate) << "\n  key_file: " << quoted(with.key) << "\n";
  if (!with.ca.empty()) text << "  ca_file: " << quoted(with.ca) << "\n";
  text << "  verify: " << (with.verify_clients ? "true" : "false") << "\n  timeout: 5\n}\n";
  return text.str();
}

}  // namespace

nats_server::nats_server(nats_settings settings)
    : settings_(std::move(settings)),
      store_(settings_.store.empty() ? own_.path() / "store" : settings_.store) {
  std::filesystem::create_directories(store_);
}

nats_server::~nats_server() = default;

void nats_server::write_configuration() const {
  std::ofstream file(own_ / "nats-server.conf");
  file << "listen: \"127.0.0.1:" << port() << "\"\nhttp: \"127.0.0.1:" << monitoring_port() << "\"\n";
  if (!settings_.name.empty()) file << "server_name: " << quoted(settings_.name) << "\n";
  if (settings_.max_payload) file << "max_payload: " << *settings_.max_payload << "\n";
  file << "jetstream {\n  store_dir: " << quoted(store_) << "\n";
  if (settings_.max_file_store) file << "  max_file_store: " << *settings_.max_file_store << "\n";
  if (settings_.sync_always) file << "  sync_interval: always\n";
  file << "}\n" << authorization(settings_);
  if (settings_.tls) file << tls_block(*settings_.tls);
  file << settings_.extra << "\n";
  if (!file.flush()) throw std::runtime_error("can't write " + (own_ / "nats-server.conf").string());
}

void nats_server::start(std::chrono::milliseconds limit) {
  if (running()) return;
  const time_limit until(limit);
  write_configuration();
  const std::vector<std::string> command{require_nats_build(settings_.build), "-c",
                                         own_ / "nats-server.conf"};
  process_ = std::make_unique<tied_process>(command, own_ / "server.log");
  wait_until_ready(until);
}

/// A server greets with its INFO line when it takes clients: before TLS and before any login, in every
/// version, and only after JetStream has recovered.
void nats_server::wait_until_ready(const time_limit& until) const {
  while (!until.over()) {
    if (auto connection = loopback_connection::open(port(), until)) {
      auto info = connection->read_line(until);
      if (info && info->starts_with("INFO ")) {
        if (info->find("\"jetstream\":true") == std::string::npos) fail("it started without JetStream");
        return;
      }
    }
    // Not there yet: look again soon, and at once when it has ended.
    if (process_->wait(std::chrono::milliseconds{3})) fail("it did not start (" + process_->ending() + ")");
  }
  fail("it was not ready in time");
}

void nats_server::kill() { process_.reset(); }

void nats_server::stop(std::chrono::milliseconds limit) {
  if (!process_) return;
  process_->signal(SIGCONT);
  process_->signal(SIGINT);
  const bool gone = process_->wait(limit);
  process_.reset();
  if (!gone) fail("it did not stop in time, and was killed");
}

void nats_server::restart() {
  stop();
  start();
}

void nats_server::pause() {
  if (!running()) throw std::logic_error("pause() of a server that does not run");
  process_->pause();
}

void nats_server::resume() {
  if (process_) process_->signal(SIGCONT);
}

bool nats_server::running() const { return process_ && process_->running(); }

pid_t nats_server::pid() const { return process_ ? process_->id() : -1; }

std::string nats_server::url(const std::string& journal) const {
  auto made = "nats://127.0.0.1:" + std::to_string(port());
  return journal.empty() ? made : made + "/" + journal;
}

std::vector<std::filesystem::path> nats_server::blocks(const std::string& stream) const {
  std::vector<std::filesystem::path> found;
  auto directory = store_ / "jetstream" / "$G" / "streams" / stream / "msgs";
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.path().extension() == ".blk") found.push_back(entry.path());
  std::ranges::sort(found, {}, [](const auto& path) { return std::stoull(path.stem().string()); });
  return found;
}

void nats_server::empty_store() {
  if (running()) throw std::logic_error("empty_store() under a running server");
  for (const auto& entry : std::filesystem::directory_iterator(store_)) std::filesystem::remove_all(entry);
}

std::optional<std::string> nats_server::monitor(const std::string& path,
                                                std::chrono::milliseconds limit) const {
  return http_get(monitoring_port(), path, time_limit(limit));
}

std::string nats_server::log(std::size_t bytes) const {
  std::ifstream file(own_ / "server.log", std::ios::binary);
  std::string all(std::istreambuf_iterator<char>(file), {});
  return all.size() > bytes ? all.substr(all.size() - bytes) : all;
}

void nats_server::fail(const std::string& what) const {
  throw std::runtime_error("nats-server (" + std::string(to_string(settings_.build)) + ") on port " +
                           std::to_string(port()) + ": " + what + "\n" + log());
}

}  // namespace quipu::test
