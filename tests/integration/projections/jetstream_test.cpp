#include "killing.hpp"
#include "support/nats_server.hpp"
#include "support/nats_wire.hpp"

namespace quipu::test {
namespace {

/// One server for all tests of this process; each test has a journal of its own.
nats_server& server() {
  static nats_server one;
  one.start();
  return one;
}
std::string on_a_server(const std::filesystem::path& directory) {
  return server().url(directory.filename().string());
}

std::optional<std::string> missing() {
  auto found = find_nats_build(nats_build::installed);
  return found.program ? std::nullopt : std::optional(found.reason);
}

const projected_journal nats{"nats", on_a_server, missing};

/// A stream that is not what it was.
class stream_trust : public projector_fixture {
 protected:
  void SetUp() override {
    QUIPU_SKIP_WITHOUT_NATS(nats_build::installed);
    name_ = directory_.path().filename().string();
    open_journal(server().url(name_) + "?deletes=allowed");
    writer_->append("ada", bank::OpenedT{.owner = "Ada"});
    last_ = writer_->append("ada", bank::DepositedT{.amount = 3});
  }
  std::string ask(const std::string& what, const std::string& body = "") const {
    return nats_request(server().port(), "$JS.API.STREAM." + what + "." + name_, body).value_or("no answer");
  }
  /// The stream is deleted and made again, with so many events.
  void make_anew(int events) {
    auto follower = follow<samples::balances>();
    wait_for(*follower, last_);
    ASSERT_NE(ask("DELETE").find("\"success\":true"), std::string::npos);
    auto other = journal::open_or_create(server().url(name_), {.partitions = 4}, {.take_over = true});
    ASSERT_TRUE(other) << other.error().text;
    journal_writer writer(**other);
    for (int i = 0; i < events; ++i) writer.append("eve", bank::OpenedT{.owner = "Eve"});
    // The one that runs finds its journal gone, or another one in its place.
    const auto why = wait_for_failure(*follower);
    EXPECT_TRUE(why.find("is gone from the server") != std::string::npos ||
                why.find("another journal") != std::string::npos)
        << why;
    EXPECT_EQ(balance("ada")->amount, 3);
    EXPECT_FALSE(balance("eve"));
    follower.reset();
    writer_.reset();
    journal_ = std::move(*other);
    const auto refused = models_->follow<samples::balances>(*journal_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, error_code::projection_other_journal) << refused.error().text;
  }

  /// Of what it has read and of what it has not.
  void purge(const std::string& how) {
    wait_for(*follow<samples::balances>(), last_);
    writer_->append("ada", bank::DepositedT{.amount = 4});
    writer_->append("ada", bank::DepositedT{.amount = 5});
    ASSERT_NE(ask("PURGE", how).find("\"success\":true"), std::string::npos);
    const auto follower = follow<samples::balances>();
    const auto why = wait_for_failure(*follower);
    EXPECT_NE(why.find("no record " + std::to_string(last_.record())), std::string::npos) << why;
    EXPECT_NE(why.find("lost"), std::string::npos) << why;
    EXPECT_EQ(balance("ada")->amount, 3);
  }

  std::string name_;
  position last_;
};

TEST_F(stream_trust, a_stream_that_was_made_anew_is_another_journal) { make_anew(20); }
TEST_F(stream_trust, a_stream_that_was_made_anew_and_is_shorter_is_noticed_as_well) { make_anew(0); }

TEST_F(stream_trust, a_purge_is_noticed) { purge(""); }
TEST_F(stream_trust, a_purge_of_all_but_the_last_record_is_noticed) { purge(R"({"keep":1})"); }

}  // namespace

INSTANTIATE_TEST_SUITE_P(jetstream, following, testing::Values(nats),
                         [](const auto& which) { return which.param.name; });
INSTANTIATE_TEST_SUITE_P(jetstream, killed, testing::Values(killed_on{nats, 10}),
                         [](const auto& which) { return which.param.journal.name; });

}  // namespace quipu::test
