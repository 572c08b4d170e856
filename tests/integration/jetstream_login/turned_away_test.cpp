// Whoever can't prove who he is gets one clear error, and nothing secret is in it.
#include <quipu/runtime.hpp>

#include <fstream>
#include <sstream>

#include "account.hpp"
#include "login_fixture.hpp"
#include "operator_login.hpp"

namespace quipu::test {
namespace {

TEST_F(jetstream_login, a_wrong_password) {
  serve({.user = user, .password = password});
  expect_turned_away(url());
  expect_turned_away(url(user + std::string(":Wrong0042")), {}, {"Wrong0042"});
  expect_turned_away(url(), {.user = user, .password = "Wrong0042"}, {"Wrong0042"});
  expect_turned_away(url(), {.token = "Wrong0042"}, {"Wrong0042"});
  const environment set{{{"QUIPU_NATS_USER", user}, {"QUIPU_NATS_PASSWORD", "Wrong0042"}}};
  expect_turned_away(url(), {}, {"Wrong0042"});
}

TEST_F(jetstream_login, a_wrong_token) {
  serve({.token = token});
  expect_turned_away(url());
  expect_turned_away(url("Wrong0042"), {}, {"Wrong0042"});
  expect_turned_away(url(user + std::string(":") + token));
}

TEST_F(jetstream_login, a_wrong_key) {
  serve({.nkey = test_nkey_public});
  const auto seed = file("seed.nk", test_nkey_seed);
  const auto broken = file("broken.nk", "SUAnothing");
  expect_turned_away(url());
  const std::string other = "UA53XOZM7D5HIXCLUYTRXALTRNJY2BSUKDNVYVYE2WPQGUDTE4MBXB6B";
  expect_turned_away(url(), {.nkey = other, .nkey_seed = seed});
  expect_turned_away(url(), {.nkey = test_nkey_public, .nkey_seed = broken}, {"SUAnothing"});
  expect_turned_away(url(), {.credentials = seed});  // no .creds file, though there is a seed in it
}

TEST_F(jetstream_login, credentials_that_are_none) {
  serve({.extra = operator_configuration()});
  expect_turned_away(url());
  expect_turned_away(url(), {.credentials = file("empty.creds", "")});
  auto text = user_credentials();
  text.replace(text.find(test_user_seed), 58, test_nkey_seed);  // of another user
  expect_turned_away(url(), {.credentials = file("mixed.creds", text)}, {test_user_seed});
}

TEST_F(jetstream_login, a_server_that_is_not_trusted) {
  serve({.user = user, .password = password, .tls = tls_of(ours())});
  const auto who = std::string(user) + ":" + password;
  temporary_directory elsewhere;
  const auto strange = make_certificates(elsewhere.path());
  expect_turned_away(url(who));  // the system's CAs do not know it
  expect_turned_away(url(who, "ca=" + strange.ca.string()));
  expect_turned_away(url(who, "ca=" + file("not.pem", "no certificate").string()));
  // The certificate is for 127.0.0.1 and localhost, and not for any other name of the same machine.
  server_->stop();
  server_->settings().tls->certificate = ours().client_certificate;
  server_->settings().tls->key = ours().client_key;
  server_->start();
  expect_turned_away(url(who, "ca=" + ours().ca.string()));
}

TEST_F(jetstream_login, a_client_without_the_certificate_that_is_asked_for) {
  serve({.tls = tls_of(ours(), true)});
  temporary_directory elsewhere;
  const auto strange = make_certificates(elsewhere.path());
  expect_turned_away(url({}, "ca=" + ours().ca.string()));
  expect_turned_away(url(),
                     {.ca = ours().ca, .certificate = strange.client_certificate, .key = strange.client_key});
  expect_turned_away(url(),
                     {.ca = ours().ca, .certificate = ours().client_certificate, .key = strange.client_key});
}

TEST_F(jetstream_login, a_server_without_tls_is_not_spoken_to_in_the_open) {
  serve({.user = user, .password = password});
  expect_turned_away(url(std::string(user) + ":" + password, "tls=yes"));
}

TEST_F(jetstream_login, files_that_are_not_there_are_named) {
  serve({});
  for (const std::string option : {"ca", "creds"}) {
    const auto opened = open(url({}, option + "=/nowhere/file"));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, journal::failure_kind::invalid);
    EXPECT_NE(opened.error().text.find("/nowhere/file"), std::string::npos) << opened.error().text;
  }
}

TEST_F(jetstream_login, a_runtime_tells_no_secret_of_its_url) {
  serve({.user = user, .password = password});
  static const auto bank = quipu::domain{"bank", quipu::entities<samples::account>};
  const auto error_of = [&](const std::string& journal) {
    auto opened = quipu::runtime::open(
        bank,
        {.directory = directory_ / "node", .journal = journal, .open_within = std::chrono::milliseconds(1)});
    return opened ? std::string() : opened.error().text;
  };
  const auto who = std::string(user) + ":Wrong0042";
  const auto place = "127.0.0.1:" + std::to_string(server_->port());
  for (const auto& journal :
       {url(who), url("Wrong0042"), url(who + "/x?y=z"), url(who + "?y"), "nats://" + who + "@" + place,
        "nats://" + who + "@" + place + "/bank?colour=red", "nats://" + who + "@127.0.0.1:1/bank",
        "nats://" + who + "@" + place + "/bank?colour", "nats://" + who + "@" + place + "/a.b"}) {
    const auto text = error_of(journal);
    EXPECT_NE(text, "") << journal;
    EXPECT_EQ(text.find("open_within"), std::string::npos) << text;  // it is not that which was wrong
    expect_no_secret(text, {"Wrong0042"});
  }
}

TEST_F(jetstream_login, a_runtime_logs_no_secret) {
  serve({.user = user, .password = password});
  static const auto bank = quipu::domain{"bank", quipu::entities<samples::account>};
  const auto file = directory_ / "log";
  const auto open = [&](const std::string& journal, const journal::server_login& login,
                        std::chrono::milliseconds within = std::chrono::milliseconds(100)) {
    auto opened = quipu::runtime::open(bank, {.directory = directory_ / "node",
                                              .journal = journal,
                                              .login = login,
                                              .partitions = 2,
                                              .open_within = within,
                                              .log = {.level = log_level::debug, .file = file}});
    return opened.has_value();
  };
  constexpr auto long_enough = std::chrono::seconds(20);
  EXPECT_TRUE(open(url(), {.user = user, .password = password}, long_enough));
  EXPECT_TRUE(open(url(std::string(user) + ":" + password), {}, long_enough));
  EXPECT_FALSE(open(url(), {.user = user, .password = "Wrong0042"}));
  EXPECT_FALSE(open(url(std::string(user) + ":Wrong0042"), {}));
  EXPECT_FALSE(open(url(), {.token = "Wrong0042"}));
  EXPECT_FALSE(open(url("Wrong0042"), {}));
  {
    const environment set{{{"QUIPU_NATS_USER", user}, {"QUIPU_NATS_PASSWORD", "Wrong0042"}}};
    EXPECT_FALSE(open(url(), {}));
  }
  std::ostringstream all;
  all << std::ifstream(file).rdbuf();
  for (const std::string part : {"opens the journal nats://127.0.0.1", "opens the journal nats://…@127.0.0.1",
                                 "the journal is open", "the node is not opened", "serves all 2 partitions"})
    EXPECT_NE(all.str().find(part), std::string::npos) << part << "\n" << all.str();
  expect_no_secret(all.str(), {"Wrong0042", ":Wrong"});
}

}  // namespace
}  // namespace quipu::test
