// Every way of proving who one is, by URL, by opening.login and by the environment, at a server that demands it.
#include "login_fixture.hpp"
#include "operator_login.hpp"

namespace quipu::test {
namespace {

TEST_F(jetstream_login, user_and_password_over_tls) {
  serve({.user = user, .password = password, .tls = tls_of(ours())});
  const auto who = std::string(user) + ":" + password;
  const auto ca = ours().ca.string();
  expect_let_in(url(who, "ca=" + ca));
  expect_let_in(url({}, "tls=yes"), {.user = user, .password = password, .ca = ca});
  const environment set{
      {{"QUIPU_NATS_USER", user}, {"QUIPU_NATS_PASSWORD", password}, {"QUIPU_NATS_CA", ca}}};
  expect_let_in(url());
}

TEST_F(jetstream_login, a_password_with_the_separators_of_urls_and_json) {
  const std::string odd = R"(a:b@c/d"e\f)";  // and those of JSON, in which it travels
  serve({.user = user, .password = odd});
  expect_let_in(url(user + (":" + odd)));
  expect_turned_away(url(user + (":" + odd + "x")), {}, {odd, "c/d"});
}

TEST_F(jetstream_login, a_client_certificate) {
  serve({.tls = tls_of(ours(), true)});
  const auto& made = ours();
  expect_let_in(url({}, "ca=" + made.ca.string() + "&cert=" + made.client_certificate.string() +
                            "&key=" + made.client_key.string()));
  expect_let_in(url(), {.ca = made.ca, .certificate = made.client_certificate, .key = made.client_key});
  const environment set{{{"QUIPU_NATS_CA", made.ca},
                         {"QUIPU_NATS_CERT", made.client_certificate},
                         {"QUIPU_NATS_KEY", made.client_key}}};
  expect_let_in(url());
}

TEST_F(jetstream_login, a_token) {
  serve({.token = token});
  expect_let_in(url(token));
  expect_let_in(url(), {.token = token});
  const environment set{{{"QUIPU_NATS_TOKEN", token}}};
  expect_let_in(url());
}

TEST_F(jetstream_login, an_nkey) {
  serve({.nkey = test_nkey_public});
  const auto seed = file("seed.nk", std::string(test_nkey_seed) + "\n").string();
  expect_let_in(url({}, std::string("nkey=") + test_nkey_public + "&nkey_seed=" + seed));
  expect_let_in(url(), {.nkey = test_nkey_public, .nkey_seed = seed});
  const environment set{{{"QUIPU_NATS_NKEY", test_nkey_public}, {"QUIPU_NATS_NKEY_SEED", seed}}};
  expect_let_in(url());
}

TEST_F(jetstream_login, a_credentials_file) {
  serve({.extra = operator_configuration()});
  const auto credentials = file("user.creds", user_credentials()).string();
  expect_let_in(url({}, "creds=" + credentials));
  expect_let_in(url(), {.credentials = credentials});
  const environment set{{{"QUIPU_NATS_CREDS", credentials}}};
  expect_let_in(url());
}

TEST_F(jetstream_login, what_the_program_says_goes_before_the_environment) {
  serve({.token = token});
  const environment set{
      {{"QUIPU_NATS_USER", user}, {"QUIPU_NATS_PASSWORD", password}, {"QUIPU_NATS_TOKEN", "other"}}};
  expect_let_in(url(), {.token = token});
  expect_let_in(url(token));
}

}  // namespace
}  // namespace quipu::test
