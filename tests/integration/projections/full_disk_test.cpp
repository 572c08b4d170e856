// No room for the rows: the projection waits and says so, nothing is lost, and it goes on by itself when there is room.
#include "projector_fixture.hpp"

#include <sys/resource.h>

#include <string>

#include "support/waiting.hpp"

namespace quipu::test {
namespace {

using samples::balances;
using samples::statement;

/// While it lives no file grows past `bytes`.
class little_room {
 public:
  explicit little_room(std::uint64_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit little{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &little);
  }
  ~little_room() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  little_room(const little_room&) = delete;
  little_room& operator=(const little_room&) = delete;

 private:
  rlimit before_{};
};

class full_disk : public projector_fixture {
 protected:
  void SetUp() override { open_journal("memory:"); }
  std::filesystem::path home(std::string_view projection) const {
    return directory_ / "read-models" / projection;
  }
  /// More than what lies in a store already: 600 accounts with owners of some length.
  position write_much() {
    position last;
    for (int record = 0; record < 40; ++record) {
      std::vector<written_commit> commits;
      for (int i = 0; i < 15; ++i) {
        const auto number = std::to_string(accounts_++);
        commits.push_back(
            {"a" + number, {written_event::of(bank::OpenedT{.owner = number + std::string(120, 'x')})}});
      }
      last = writer_->append(std::move(commits));
    }
    return last;
  }
  static void expect_waiting(projector& follower) {
    ASSERT_TRUE(
        wait_until([&] { return follower.status().state == projection_state::waiting; }, patience, 1ms));
    const auto text = follower.status().text;
    EXPECT_NE(text.find("out of space"), std::string::npos) << text;
    EXPECT_NE(text.find("make room"), std::string::npos) << text;
    EXPECT_NE(text.find("read-models/balances"), std::string::npos) << text;
  }
  std::size_t rows() { return dump(*models_, projection_type_of<balances>()).size(); }

  int accounts_ = 0;
};

TEST_F(full_disk, it_waits_and_goes_on_by_itself) {
  const auto follower = follow<balances>();
  wait_for(*follower, writer_->append("ada", bank::OpenedT{.owner = "Ada"}));
  const auto before = rows();
  position last;
  {
    const little_room now(std::filesystem::file_size(home("balances") / "1" / "data.mdb"));
    for (int i = 0; i < 8; ++i) last = write_much();
    expect_waiting(*follower);
    EXPECT_EQ(balance("ada")->owner, "Ada") << "what was committed is read";
    const auto late = follower->wait_for(last, 1ms);
    ASSERT_FALSE(late);
    EXPECT_NE(late.error().text.find("out of space"), std::string::npos) << late.error().text;
    EXPECT_LT(rows(), before + 2 * static_cast<std::size_t>(accounts_));
  }
  wait_for(*follower, last);
  EXPECT_EQ(follower->status().state, projection_state::following);
  EXPECT_EQ(follower->status().applied, static_cast<std::uint64_t>(accounts_) + 1);
  EXPECT_EQ(rows(), before + 2 * static_cast<std::size_t>(accounts_)) << "a row and its further key each";
}

TEST_F(full_disk, a_rebuild_waits_beside_the_live_generation) {
  const auto live = follow<balances>();
  position last;
  for (int i = 0; i < 8; ++i) last = write_much();
  wait_for(*live, last);
  const auto before = dump(*models_, projection_type_of<balances>());
  std::unique_ptr<projector> rebuilt;
  {
    const little_room now(std::uint64_t{1} << 20U);
    rebuilt = std::move(models_->rebuild<balances>(*journal_, quick()).value());
    expect_waiting(*rebuilt);
    const auto early = models_->promote<balances>(rebuilt->generation(), {.patience = 5ms});
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, error_code::projection_behind) << early.error().text;
    EXPECT_EQ(dump(*models_, projection_type_of<balances>()), before) << "the live one answers";
  }
  const auto promoted = models_->promote<balances>(rebuilt->generation(), {.patience = patience});
  ASSERT_TRUE(promoted) << promoted.error().text;
  EXPECT_EQ(dump(*models_, projection_type_of<balances>()), before);
}

TEST_F(full_disk, a_promotion_without_room_leaves_the_live_generation) {
  const auto live = follow<balances>();
  const auto rebuilt = std::move(models_->rebuild<balances>(*journal_, quick()).value());
  const auto last = writer_->append("ada", bank::OpenedT{.owner = "Ada"});
  wait_for(*live, last);
  wait_for(*rebuilt, last);
  {
    const little_room none(0);
    const auto refused = models_->promote<balances>(2);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, journal::failure_kind::refused);
    EXPECT_NE(refused.error().text.find((home("balances") / "live").string()), std::string::npos)
        << refused.error().text;
    EXPECT_FALSE(live->pause("no room for this"));
  }
  EXPECT_EQ(models_->live("balances"), 1U);
  EXPECT_EQ(live->status().state, projection_state::following);
  ASSERT_TRUE(models_->promote<balances>(2));
  EXPECT_EQ(models_->live("balances"), 2U);
}

TEST_F(full_disk, the_first_opening_can_be_done_again) {
  const auto last = writer_->append("ada", bank::OpenedT{.owner = "Ada"});
  for (const std::uint64_t bytes : {0, 4096, 8192, 65536}) {
    const little_room now(bytes);
    const auto refused = models_->follow<balances>(*journal_, quick());
    ASSERT_FALSE(refused) << bytes;
    EXPECT_EQ(refused.error().kind, journal::failure_kind::refused) << refused.error().text;
  }
  wait_for(*follow<balances>(), last);
  EXPECT_EQ(balance("ada")->owner, "Ada");
}

}  // namespace
}  // namespace quipu::test
