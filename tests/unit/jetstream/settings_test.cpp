// What a nats:// URL, its options, the program's login and the environment come to together.
#include "jetstream/settings.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace quipu::journal::jetstream {
namespace {

using options = std::vector<std::pair<std::string_view, std::string_view>>;
using servers = std::vector<std::string>;

// Any file that is there: only that is looked at.
const std::string a_file = QUIPU_A_FILE;

result<settings> of(std::string_view place, const options& with = {}, const server_login& given = {}) {
  return settings_of(place, with, given);
}

std::string error_of(std::string_view place, const options& with = {}, const server_login& given = {}) {
  auto got = of(place, with, given);
  if (got) return "no error";
  EXPECT_EQ(got.error().kind, failure_kind::invalid);
  return got.error().text;
}

TEST(jetstream_settings, servers_and_the_name) {
  struct row {
    std::string_view place;
    servers expected;
    std::string shown;
  };
  for (const auto& [place, expected, shown] :
       std::initializer_list<row>{{"//here:4333/bank", {"nats://here:4333"}, "nats://here:4333/bank"},
                                  {"//here/bank", {"nats://here:4222"}, "nats://here:4222/bank"},
                                  {"//10.0.0.1:1/bank", {"nats://10.0.0.1:1"}, "nats://10.0.0.1:1/bank"},
                                  {"//a:1,b,c.example:65535/bank",
                                   {"nats://a:1", "nats://b:4222", "nats://c.example:65535"},
                                   "nats://a:1,b:4222,c.example:65535/bank"},
                                  {"//[::1]/bank", {"nats://[::1]:4222"}, "nats://[::1]:4222/bank"},
                                  {"//[fe80::1]:4333,b/bank",
                                   {"nats://[fe80::1]:4333", "nats://b:4222"},
                                   "nats://[fe80::1]:4333,b:4222/bank"}}) {
    const auto got = of(place);
    ASSERT_TRUE(got) << place << ": " << got.error().text;
    EXPECT_EQ(got->servers, expected);
    EXPECT_EQ(got->name, "bank");
    EXPECT_EQ(got->place(), shown);
    EXPECT_FALSE(got->tls || got->memory_storage || got->allows_deletes);
  }
}

TEST(jetstream_settings, ill_formed_urls_are_named) {
  struct row {
    std::string_view place;
    std::string_view says;
  };
  for (const auto& [place, says] : std::initializer_list<row>{{"here/bank", "begins with nats://"},
                                                              {"", "begins with nats://"},
                                                              {"//here:4222", "names no journal"},
                                                              {"//here:4222/", "names no journal"},
                                                              {"//here:4222/a.b", "\"a.b\""},
                                                              {"//here:4222/a/b", "\"a/b\""},
                                                              {"//here:4222/*", "\"*\""},
                                                              {"//here:4222/a b", "\"a b\""},
                                                              {"///bank", "ill-formed server"},
                                                              {"//:4222/bank", "ill-formed server"},
                                                              {"//here:/bank", "ill-formed server"},
                                                              {"//here:0/bank", "ill-formed server"},
                                                              {"//here:65536/bank", "ill-formed server"},
                                                              {"//here:4222x/bank", "ill-formed server"},
                                                              {"//here:-1/bank", "ill-formed server"},
                                                              {"//he re/bank", "ill-formed server"},
                                                              {"//here,/bank", "ill-formed server"},
                                                              {"//,here/bank", "ill-formed server"},
                                                              {"//::1/bank", "ill-formed server"},
                                                              {"//[::1/bank", "ill-formed server"},
                                                              {"//[]:4222/bank", "ill-formed server"},
                                                              {"//[::1]4222/bank", "ill-formed server"},
                                                              {"//a]b:4222/bank", "ill-formed server"}}) {
    EXPECT_NE(error_of(place).find(says), std::string::npos) << place << ": " << error_of(place);
  }
  EXPECT_TRUE(of("//here/" + std::string(64, 'x')));
  EXPECT_NE(error_of("//here/" + std::string(65, 'x')).find("1 to 64"), std::string::npos);
}

TEST(jetstream_settings, who_one_is_in_front_of_the_servers) {
  auto got = of("//ann:secret@a:1,b:2/bank").value();
  EXPECT_EQ(got.login.user, "ann");
  EXPECT_EQ(got.login.password, "secret");
  EXPECT_EQ(got.servers, (servers{"nats://a:1", "nats://b:2"}));
  EXPECT_EQ(got.place(), "nats://a:1,b:2/bank");
  EXPECT_EQ(of("//s3cr3t@a/bank").value().login.token, "s3cr3t");
  EXPECT_EQ(of("//ann:a@b/c:d@a/bank").value().login.password, "a@b/c:d");
  EXPECT_EQ(of("//us%40er:p%2Fw%3a%25@a/bank").value().login.user, "us@er");
  EXPECT_EQ(of("//us%40er:p%2Fw%3a%25@a/bank").value().login.password, "p/w:%");
  EXPECT_EQ(of("//t%6Fken@a/bank").value().login.token, "token");
  // What the program gives goes before the URL.
  got = of("//ann:secret@a/bank", {}, {.user = "bob", .password = "other"}).value();
  EXPECT_EQ(got.login.user, "bob");
  EXPECT_EQ(got.login.password, "other");
}

TEST(jetstream_settings, bad_escapes_are_named_without_what_is_secret) {
  for (const std::string_view who : {"ann:s3cr3t%", "ann:s3cr3t%4", "ann:s3cr3t%4g", "ann:s3cr3t%-1",
                                     "ann:s3cr3t%+1", "ann:%00s3cr3t", "s3cr3t%zz", "%:s3cr3t"}) {
    const auto got = of("//" + std::string(who) + "@a/bank");
    ASSERT_FALSE(got) << who;
    EXPECT_EQ(got.error().code, error_code::url_invalid);
    EXPECT_NE(got.error().text.find("percent sign as %25"), std::string::npos) << got.error().text;
    EXPECT_EQ(got.error().text.find("s3cr3t"), std::string::npos) << got.error().text;
  }
}

TEST(jetstream_settings, options_are_taken) {
  const auto got = of("//a/bank", {{"ca", a_file},
                                   {"cert", a_file},
                                   {"key", a_file},
                                   {"storage", "memory"},
                                   {"deletes", "allowed"},
                                   {"monitor", "10.0.0.1:8222"},
                                   {"window", "90"}})
                       .value();
  EXPECT_EQ(got.login.ca, a_file);
  EXPECT_EQ(got.login.certificate, a_file);
  EXPECT_EQ(got.login.key, a_file);
  EXPECT_TRUE(got.tls) << "certificates mean TLS";
  EXPECT_TRUE(got.memory_storage);
  EXPECT_TRUE(got.allows_deletes);
  EXPECT_EQ(got.monitor, "10.0.0.1:8222");
  EXPECT_EQ(got.duplicate_window, std::chrono::seconds(90));
  EXPECT_TRUE(of("//a/bank", {{"tls", "yes"}}).value().tls);
  EXPECT_EQ(of("//a/bank", {{"creds", a_file}}).value().login.credentials, a_file);
  const auto key = of("//a/bank", {{"nkey", "UABC"}, {"nkey_seed", a_file}}).value();
  EXPECT_EQ(key.login.nkey, "UABC");
  EXPECT_EQ(key.login.nkey_seed, a_file);
}

TEST(jetstream_settings, wrong_options_are_named_with_their_cure) {
  struct row {
    options with;
    std::string_view says;
  };
  for (const auto& [with, says] : std::initializer_list<row>{
           {{{"colour", "red"}}, "no option \"colour\": it knows tls"},
           {{{"token", "s3cr3t"}}, "no option \"token\""},
           {{{"tls", "no"}}, "tls=yes"},
           {{{"storage", "file"}}, "storage=memory"},
           {{{"deletes", "yes"}}, "deletes=allowed"},
           {{{"monitor", "here:x"}}, "HOST:PORT"},
           {{{"window", "0"}}, "1 to 3600"},
           {{{"window", "3601"}}, "1 to 3600"},
           {{{"window", "20s"}}, "1 to 3600"},
           {{{"cert", a_file}}, "a client certificate needs its key"},
           {{{"key", a_file}}, "a client certificate needs its key"},
           {{{"nkey", "UABC"}}, "an NKEY is two things"},
           {{{"nkey_seed", a_file}}, "an NKEY is two things"},
           {{{"ca", "/nowhere"}}, "/nowhere does not exist"},
           {{{"creds", "/nowhere"}}, "/nowhere does not exist"},
           {{{"creds", a_file}, {"nkey", "UABC"}, {"nkey_seed", a_file}}, "more than one way to log in"}}) {
    EXPECT_NE(error_of("//a/bank", with).find(says), std::string::npos) << error_of("//a/bank", with);
  }
  EXPECT_NE(error_of("//s3cr3t@a/bank", {{"creds", a_file}}).find("more than one way"), std::string::npos);
  EXPECT_EQ(error_of("//a/bank", {{"token", "s3cr3t"}}).find("s3cr3t"), std::string::npos);
}

// NOLINTBEGIN(concurrency-mt-unsafe): one thread
class jetstream_environment : public testing::Test {
 protected:
  void set(const char* name, const std::string& value) {
    ::setenv(name, value.c_str(), 1);
    set_.emplace_back(name);
  }
  void TearDown() override {
    for (const auto* name : set_) ::unsetenv(name);
  }

 private:
  std::vector<const char*> set_;
};
// NOLINTEND(concurrency-mt-unsafe)

TEST_F(jetstream_environment, fills_in_what_nobody_said) {
  set("QUIPU_NATS_USER", "ann");
  set("QUIPU_NATS_PASSWORD", "secret");
  set("QUIPU_NATS_CA", a_file);
  const auto got = of("//a/bank").value();
  EXPECT_EQ(got.login.user, "ann");
  EXPECT_EQ(got.login.password, "secret");
  EXPECT_EQ(got.login.ca, a_file);
  EXPECT_TRUE(got.tls);
  // The password of a user that the program names may lie in the environment.
  EXPECT_EQ(of("//a/bank", {}, {.user = "bob"}).value().login.password, "secret");
  // One who proves himself in another way is not mixed with it.
  const auto token = of("//s3cr3t@a/bank").value();
  EXPECT_EQ(token.login.user, "");
  EXPECT_EQ(token.login.password, "");
}

TEST_F(jetstream_environment, knows_every_way) {
  set("QUIPU_NATS_NKEY", "UABC");
  set("QUIPU_NATS_NKEY_SEED", a_file);
  set("QUIPU_NATS_CERT", a_file);
  set("QUIPU_NATS_KEY", a_file);
  const auto got = of("//a/bank").value();
  EXPECT_EQ(got.login.nkey, "UABC");
  EXPECT_EQ(got.login.nkey_seed, a_file);
  EXPECT_EQ(got.login.certificate, a_file);
  EXPECT_EQ(got.login.key, a_file);
  set("QUIPU_NATS_CREDS", a_file);
  EXPECT_NE(error_of("//a/bank").find("more than one way"), std::string::npos);
}

}  // namespace
}  // namespace quipu::journal::jetstream
