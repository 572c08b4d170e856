// Servers that ask who is there, with the real client.
#include "support/certificates.hpp"
#include "support/nats_server.hpp"

#include <gtest/gtest.h>
#include <nats/nats.h>

#include <fstream>
#include <functional>
#include <memory>

using namespace quipu::test;

namespace {

/// "OK", or why there is no connection.
std::string login(const nats_server& server, const std::function<void(natsOptions*)>& with) {
  natsOptions* options = nullptr;
  if (natsOptions_Create(&options) != NATS_OK) return "no options";
  natsOptions_SetURL(options, server.url().c_str());
  natsOptions_SetTimeout(options, 20'000);  // ms
  with(options);
  natsConnection* connection = nullptr;
  const std::string said = natsStatus_GetText(natsConnection_Connect(&connection, options));
  natsConnection_Destroy(connection);
  natsOptions_Destroy(options);
  return said;
}

constexpr auto nothing = [](natsOptions*) {};
const std::string ok = natsStatus_GetText(NATS_OK);
const std::string turned_away = natsStatus_GetText(NATS_CONNECTION_AUTH_FAILED);

class nats_login : public testing::Test {
 protected:
  void SetUp() override { QUIPU_SKIP_WITHOUT_NATS(nats_build::installed); }
};

// No quotes or backslashes: cnats 3.4.1 puts them into its CONNECT as they are, and the server closes.
TEST_F(nats_login, asks_for_a_password) {
  nats_server server({.user = "quipu", .password = "a $trange 'one' #1"});
  server.start();
  EXPECT_EQ(login(server, nothing), turned_away);
  EXPECT_EQ(login(server, [](auto* o) { natsOptions_SetUserInfo(o, "quipu", "wrong"); }), turned_away);
  EXPECT_EQ(login(server, [](auto* o) { natsOptions_SetUserInfo(o, "quipu", "a $trange 'one' #1"); }), ok);
}

TEST_F(nats_login, asks_for_a_token) {
  nats_server server({.token = "1234"});
  server.start();
  EXPECT_EQ(login(server, [](auto* o) { natsOptions_SetToken(o, "wrong"); }), turned_away);
  EXPECT_EQ(login(server, [](auto* o) { natsOptions_SetToken(o, "1234"); }), ok);
}

TEST_F(nats_login, asks_for_a_key) {
  nats_server server({.nkey = test_nkey_public});
  server.start();
  temporary_directory here;
  const auto seed = (here / "seed.nk").string();
  std::ofstream(seed) << test_nkey_seed << "\n";
  EXPECT_EQ(login(server, nothing), turned_away);
  auto with_the_key = [&](auto* o) { natsOptions_SetNKeyFromSeed(o, test_nkey_public, seed.c_str()); };
  EXPECT_EQ(login(server, with_the_key), ok);
}

TEST_F(nats_login, speaks_tls_and_asks_for_a_certificate) {
  temporary_directory ours;
  temporary_directory theirs;
  const auto made = make_certificates(ours.path());
  const auto strange = make_certificates(theirs.path());
  nats_server server({.tls = nats_tls{.ca = made.ca,
                                      .certificate = made.server_certificate,
                                      .key = made.server_key,
                                      .verify_clients = true}});
  server.start();
  auto hello = [&](const certificates& trusted, const certificates* own) {
    return login(server, [&](auto* o) {
      natsOptions_SetSecure(o, true);
      natsOptions_LoadCATrustedCertificates(o, trusted.ca.c_str());
      natsOptions_SetExpectedHostname(o, "localhost");
      if (own != nullptr)
        natsOptions_LoadCertificatesChain(o, own->client_certificate.c_str(), own->client_key.c_str());
    });
  };
  EXPECT_EQ(hello(made, &made), ok) << server.log();
  EXPECT_NE(hello(strange, &made), ok);  // a server that we do not trust
  EXPECT_NE(hello(made, &strange), ok);  // a client that the server does not trust
  EXPECT_NE(hello(made, nullptr), ok);
  server.stop();
  server.settings().tls->verify_clients = false;
  server.start();
  EXPECT_EQ(hello(made, nullptr), ok) << server.log();
}

}  // namespace
