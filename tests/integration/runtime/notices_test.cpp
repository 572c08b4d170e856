// What a runtime tells about itself.
#include "runtime_fixture.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace quipu::test {
namespace {

/// Keeps what it is told, and waits for what is to come.
class listener {
 public:
  std::function<void(const notice&)> ear() {
    return [this](const notice& what) {
      const std::scoped_lock lock(guard_);
      told_.push_back(what);
      on_a_runtime_thread_ &= on_runtime_thread();
      changed_.notify_all();
    };
  }
  std::vector<notice> told(std::optional<notice_kind> kind = {}) {
    const std::scoped_lock lock(guard_);
    std::vector<notice> some;
    for (const auto& one : told_)
      if (!kind || one.kind == *kind) some.push_back(one);
    return some;
  }
  notice await(notice_kind kind) {
    std::unique_lock lock(guard_);
    const auto found = [&] { return std::ranges::find(told_, kind, &notice::kind); };
    if (!changed_.wait_for(lock, 30s, [&] { return found() != told_.end(); })) {
      ADD_FAILURE() << "nobody told " << name_of(kind);
      return {};
    }
    return *found();
  }
  bool on_a_runtime_thread() const { return on_a_runtime_thread_; }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<notice> told_;
  bool on_a_runtime_thread_ = true;
};

/// What it has in it cannot be written down when it is 13.
struct diary {
  static constexpr std::string_view category = "diary";
  struct state {
    std::int64_t total = 0;
  };
  using commands = types<trial::AddT>;
  using events = types<trial::AddedT>;
  static decision<diary> decide(absent, const trial::AddT& c, const context&) {
    return emit(trial::AddedT{.amount = c.amount});
  }
  static void evolve(state& s, const trial::AddedT& e) { s.total += e.amount; }
  static void save(const state& s, bytes& out) {
    if (s.total == 13) throw std::runtime_error("save had enough");
    out.push_back(static_cast<std::uint8_t>(s.total));
  }
  static state load(bytes_view image) { return {image[0]}; }
};

class notices : public testing::Test {
 protected:
  notices() { place.defaults.on_notice = heard.ear(); }
  listener heard;
  node_place place{"memory:", 2};
};

TEST_F(notices, frame_a_life_from_recovery_to_close) {
  {
    auto node = place.open();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(value_of(node.ask<counter>("a", add(1)).get()), i + 1);
  }
  std::filesystem::remove_all(place.directory / "node");
  listener second;
  place.defaults.on_notice = second.ear();
  {
    auto node = place.open();
  }

  const auto all = second.told();
  ASSERT_EQ(all.size(), 5U);  // the journal is not new, the checkpoint is
  std::uint64_t events = 0;
  for (const auto& one : second.told(notice_kind::recovered)) {
    EXPECT_TRUE(one.partition.has_value());
    events += one.events;
  }
  EXPECT_EQ(second.told(notice_kind::recovered).size(), 2U);
  EXPECT_EQ(events, 3U);
  EXPECT_EQ(all[2].kind, notice_kind::rebuilt) << all[2].text;
  EXPECT_EQ(all[3].kind, notice_kind::opened);
  EXPECT_EQ(all[3].events, 3U);
  EXPECT_EQ(all[4].kind, notice_kind::closed);
  EXPECT_NE(all[4].text.find("answered and saved"), std::string::npos) << all[4].text;
  EXPECT_LE(all[3].time, all[4].time);
  EXPECT_TRUE(second.on_a_runtime_thread());
}

TEST_F(notices, name_an_entity_in_quarantine_and_its_partition) {
  {
    auto node = place.open();
    EXPECT_EQ(value_of(node.ask<counter>("bad", add(1)).get()), 1);
  }
  std::filesystem::remove_all(place.directory / "node");
  evolve_is_broken = true;
  {
    auto node = place.open();
  }
  evolve_is_broken = false;
  const auto told = heard.told(notice_kind::quarantined);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].partition, partition_of_counter("bad", 2));
  EXPECT_NE(told[0].text.find("counter/bad"), std::string::npos) << told[0].text;
}

TEST_F(notices, name_an_entity_that_cannot_be_saved_and_the_others_are) {
  const temporary_directory directory;
  const auto open = [&] {
    return runtime::open(domain{"diaries", entities<diary>},
                         {.directory = directory / "node", .partitions = 1, .on_notice = heard.ear()});
  };
  {
    auto node = open();
    ASSERT_TRUE(node.has_value()) << node.error().text;
    EXPECT_TRUE(node->ask<diary>("bad", add(13)).get().has_value());
    EXPECT_TRUE(node->ask<diary>("good", add(12)).get().has_value());
    EXPECT_TRUE(node->close(30s).complete());
  }
  const auto told = heard.told(notice_kind::quarantined);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].text, "diary/bad is quarantined: its state cannot be saved: save had enough");
  EXPECT_TRUE(heard.told(notice_kind::failed).empty()) << "the partition goes on";

  auto again = open();
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(again->status().recovery.events_replayed, 0U);
  const auto good = again->read<diary>("good").get();
  ASSERT_TRUE(good.has_value() && good->accepted());
  EXPECT_EQ(good->value().total, 12);
  const auto bad = again->read<diary>("bad").get();
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().code, error_code::entity_quarantined);
}

TEST_F(notices, tell_when_the_journal_is_lost_and_when_it_is_back) {
  auto node = place.open();
  place.control->stall(1);
  auto waits = node.ask<counter>(key_in(1, 2), add(1));
  const auto lost = heard.await(notice_kind::journal_lost);
  EXPECT_NE(lost.text.find("partition 1;"), std::string::npos) << lost.text;
  place.control->go_on();
  EXPECT_EQ(value_of(waits.get()), 1);
  heard.await(notice_kind::journal_back);
  EXPECT_EQ(heard.told(notice_kind::journal_lost).size(), 1U);
}

TEST_F(notices, tell_an_overload_once_and_its_end) {
  place.defaults.admission.commands_per_partition = 10;
  auto node = place.open();
  place.control->stall(1);
  const auto key = key_in(1, 2);
  for (int i = 0; i < 100; ++i) node.ask<counter>(key, add(1), {}, [](total&&) {});
  const auto told = heard.await(notice_kind::overloaded);
  EXPECT_EQ(told.text, "90 commands were refused for want of room: partition 1");
  for (int i = 0; i < 100; ++i) node.ask<counter>(key, add(1), {}, [](total&&) {});
  place.control->go_on();
  heard.await(notice_kind::overload_over);
  EXPECT_EQ(heard.told(notice_kind::overloaded).size(), 1U);
}

}  // namespace
}  // namespace quipu::test
