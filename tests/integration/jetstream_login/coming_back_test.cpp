// A journal that is open stays open: its connection comes back by itself, with the same login, also after a time in which
// the server would not have it.
#include "login_fixture.hpp"

namespace quipu::test {
namespace {

TEST_F(jetstream_login, comes_back_after_a_restart_over_tls_with_the_same_login) {
  serve({.user = user, .password = password, .tls = tls_of(ours(), true)});
  auto opened = open(url(), {.user = user,
                             .password = password,
                             .ca = ours().ca,
                             .certificate = ours().client_certificate,
                             .key = ours().client_key});
  ASSERT_TRUE(opened) << opened.error().text;
  auto tail = append(**opened, 0);
  server_->restart();
  tail = append(**opened, tail);
  server_->kill();
  server_->start();
  EXPECT_NE(append(**opened, tail), tail);
}

TEST_F(jetstream_login, comes_back_when_its_password_is_right_again) {
  serve({.user = user, .password = password});
  auto opened = open(url(std::string(user) + ":" + password));
  ASSERT_TRUE(opened) << opened.error().text;
  const auto tail = append(**opened, 0);
  server_->stop();
  server_->settings().password = "changed";
  server_->start();
  await_in_log("authentication error", 3);
  server_->stop();
  server_->settings().password = password;
  server_->start();
  EXPECT_NE(append(**opened, tail), tail);
}

TEST_F(jetstream_login, comes_back_when_the_servers_certificate_is_right_again) {
  serve({.tls = tls_of(ours())});
  auto opened = open(url({}, "ca=" + ours().ca.string()));
  ASSERT_TRUE(opened) << opened.error().text;
  const auto tail = append(**opened, 0);
  temporary_directory elsewhere;
  const auto strange = make_certificates(elsewhere.path());
  server_->stop();
  server_->settings().tls = tls_of(strange);
  server_->start();
  await_in_log("TLS handshake error", 2);
  server_->stop();
  server_->settings().tls = tls_of(ours());
  server_->start();
  EXPECT_NE(append(**opened, tail), tail);
}

}  // namespace
}  // namespace quipu::test
