#include "login_fixture.hpp"

#include <quipu/journal/record.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <future>

#include "support/waiting.hpp"

namespace quipu::test {
namespace {

using namespace std::chrono_literals;

constexpr auto between_questions = 20ms;
constexpr auto patience = 30s;

journal::append_result append_now(journal::journal& to, record_number tail) {
  const auto& about = to.about();
  auto record = journal::encode_claim({.lineage = about.lineage,
                                       .incarnation = about.incarnation,
                                       .partition = 0,
                                       .epoch = tail + 1,
                                       .id = id128::random()},
                                      "a test");
  auto promise = std::make_shared<std::promise<journal::append_result>>();
  auto got = promise->get_future();
  to.append(0, tail, std::move(record),
            [promise](journal::append_result result) { promise->set_value(std::move(result)); });
  return got.get();
}

std::size_t times_in(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

// NOLINTBEGIN(concurrency-mt-unsafe): each test has a process of its own, and sets before it opens.
environment::environment(std::vector<std::pair<std::string, std::string>> variables)
    : variables_(std::move(variables)) {
  for (const auto& [name, value] : variables_) ::setenv(name.c_str(), value.c_str(), 1);
}

environment::~environment() {
  for (const auto& [name, value] : variables_) ::unsetenv(name.c_str());
}
// NOLINTEND(concurrency-mt-unsafe)

void jetstream_login::serve(nats_settings with) {
  server_ = std::make_unique<nats_server>(std::move(with));
  server_->start();
}

nats_tls jetstream_login::tls_of(const certificates& made, bool verify_clients) {
  return {.ca = made.ca,
          .certificate = made.server_certificate,
          .key = made.server_key,
          .verify_clients = verify_clients};
}

const certificates& jetstream_login::ours() {
  if (!certificates_) certificates_ = make_certificates(directory_.path());
  return *certificates_;
}

std::string jetstream_login::url(const std::string& who, const std::string& query) const {
  return "nats://" + (who.empty() ? "" : who + "@") + "127.0.0.1:" + std::to_string(server_->port()) +
         "/bank" + (query.empty() ? "" : "?" + query);
}

std::filesystem::path jetstream_login::file(const std::string& name, const std::string& content) const {
  std::ofstream(directory_ / name) << content;
  return directory_ / name;
}

journal::result<std::unique_ptr<journal::journal>> jetstream_login::open(const std::string& url,
                                                                         const journal::server_login& login) {
  journal::opening how;
  how.login = login;
  return journal::open_or_create(url, {.partitions = 1}, how);
}

void jetstream_login::expect_let_in(const std::string& url, const journal::server_login& login) {
  auto opened = open(url, login);
  EXPECT_TRUE(opened) << url << ": " << opened.error().text;
}

void jetstream_login::expect_turned_away(const std::string& url, const journal::server_login& login,
                                         const std::vector<std::string>& more_secrets) const {
  const auto opened = open(url, login);
  ASSERT_FALSE(opened) << url;
  const auto& why = opened.error();
  EXPECT_TRUE(why.kind == journal::failure_kind::refused || why.kind == journal::failure_kind::unavailable)
      << name_of(why.kind) << ": " << why.text;
  EXPECT_NE(why.text.find("127.0.0.1:" + std::to_string(server_->port()) + "/bank"), std::string::npos)
      << why.text;
  EXPECT_NE(why.text.find("check "), std::string::npos) << why.text;
  EXPECT_EQ(why.text.find('\n'), std::string::npos) << why.text;
  expect_no_secret(why.text, more_secrets);
}

void jetstream_login::expect_no_secret(const std::string& text,
                                       const std::vector<std::string>& more_secrets) {
  auto secrets = more_secrets;
  for (const char* one : {user, password, token, test_nkey_seed}) secrets.emplace_back(one);
  for (const auto& secret : secrets) EXPECT_EQ(text.find(secret), std::string::npos) << text;
}

record_number jetstream_login::append(journal::journal& to, record_number tail) {
  journal::append_result got;
  const auto answered = [&] {
    got = append_now(to, tail);
    if (got.status != journal::append_status::unavailable) return true;
    expect_no_secret(got.reason);
    return false;
  };
  wait_until(answered, patience, between_questions);
  if (got.status == journal::append_status::appended) return got.number;
  ADD_FAILURE() << "nothing could be appended: " << got.reason;
  expect_no_secret(got.reason);
  return tail;
}

void jetstream_login::await_in_log(std::string_view words, std::size_t times) const {
  ASSERT_TRUE(
      wait_until([&] { return times_in(server_->log(), words) >= times; }, patience, between_questions))
      << server_->log();
}

}  // namespace quipu::test
