// The life of an entity: it begins, is there, ends or outlives its time, and begins again.
#include <atomic>
#include <chrono>
#include <filesystem>

#include "runtime_fixture.hpp"

namespace quipu::test {
namespace {

/// One category under several policies: what a program says today must not change what another one recorded.
struct guest {
  static constexpr std::string_view category = "guest";
  using state = trial::GuestT;
  using commands = types<trial::ArriveT, trial::StayT, trial::LeaveT>;
  using events = types<trial::ArrivedT, trial::StayedT, trial::LeftT>;

  static void evolve(state& g, const trial::ArrivedT& e) { g.name = e.name, ++g.nights; }
  static void evolve(state& g, const trial::StayedT&) { ++g.nights; }
  static void evolve(state&, const trial::LeftT&) {}
};
template <class Self>
struct guest_as : guest {
  static decision<Self> decide(absent, const trial::ArriveT& c, const context&) {
    return emit(trial::ArrivedT{.name = c.name});
  }
  static decision<Self> decide(const state&, const trial::StayT&, const context&) {
    return emit(trial::StayedT{});
  }
  static decision<Self> decide(const state&, const trial::LeaveT&, const context&) {
    return emit(trial::LeftT{}).end();
  }
};
struct lasting : guest_as<lasting> {};
struct fleeting : guest_as<fleeting> {
  static constexpr std::chrono::milliseconds time_to_live{2};
};

class life : public testing::Test {
 protected:
  template <class A>
  runtime open() {
    options how{.directory = directory / "node", .journal = "lmdb:", .partitions = 1, .threads = 1};
    how.clock = [this] { return now.load(); };
    auto opened = runtime::open(domain{"inn", entities<A>}, std::move(how));
    if (!opened) throw std::runtime_error(opened.error().text);
    return std::move(*opened);
  }
  template <class A, class C>
  static std::string told(runtime& node, C command, ask_options how = {}) {
    const auto got = node.ask<A>("a", std::move(command), std::move(how)).get();
    if (!got) return std::string(name_of(got.error().kind));
    if (!got->accepted()) return got->rejected().code;
    return (got->repeat ? "repeat " : "") + std::to_string(got->sequence);
  }
  /// The name and nights of a guest, or why there is none; and the sequence.
  template <class A>
  static std::string seen(runtime& node) {
    const auto got = node.read<A>("a").get();
    if (!got) return std::string(name_of(got.error().kind));
    return (got->accepted() ? got->value().name + " " + std::to_string(got->value().nights)
                            : got->rejected().code) +
           " @" + std::to_string(got->sequence);
  }
  static ask_options expecting(std::uint64_t sequence) {
    ask_options how;
    how.expected_sequence = sequence;
    return how;
  }
  static trial::ArriveT arrive(std::string name) { return {.name = std::move(name)}; }
  /// A fleeting guest has expired then.
  void outlive() { now = now.load() + fleeting::time_to_live + 1ms; }

  using time_point = std::chrono::sys_time<std::chrono::microseconds>;
  temporary_directory directory;
  /// Stands still but for outlive().
  std::atomic<time_point> now =
      std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
};

TEST_F(life, ends_and_begins_again_where_its_numbers_stopped) {
  {
    auto node = open<lasting>();
    EXPECT_EQ(seen<lasting>(node), "not_found @0");
    EXPECT_EQ(told<lasting>(node, trial::StayT{}), "not_found");
    EXPECT_EQ(told<lasting>(node, arrive("ada")), "1");
    EXPECT_EQ(told<lasting>(node, arrive("bob")), "exists");
    EXPECT_EQ(told<lasting>(node, trial::LeaveT{}), "2");
    EXPECT_EQ(seen<lasting>(node), "not_found @2");
    EXPECT_EQ(told<lasting>(node, trial::LeaveT{}), "not_found");
  }
  auto node = open<lasting>();
  EXPECT_EQ(seen<lasting>(node), "not_found @2");
  EXPECT_EQ(told<lasting>(node, trial::StayT{}), "not_found");
  EXPECT_EQ(told<lasting>(node, arrive("bob")), "3");
  EXPECT_EQ(seen<lasting>(node), "bob 1 @3");
}

TEST_F(life, is_what_an_expected_sequence_is_compared_with) {
  auto first = expecting(0);
  first.command = runtime::new_command_id();
  {
    auto node = open<lasting>();
    EXPECT_EQ(told<lasting>(node, arrive("ada"), expecting(1)), "conflict") << "it never had an event";
    EXPECT_EQ(told<lasting>(node, arrive("ada"), first), "1");
    EXPECT_EQ(told<lasting>(node, trial::StayT{}, expecting(0)), "conflict");
    EXPECT_EQ(told<lasting>(node, trial::StayT{}, expecting(1)), "2");
    EXPECT_EQ(told<lasting>(node, trial::LeaveT{}, expecting(2)), "3");
    EXPECT_EQ(told<lasting>(node, arrive("bob"), expecting(0)), "conflict") << "it had events, and ended";
    EXPECT_EQ(told<lasting>(node, arrive("ada"), first), "repeat 1") << "a repeat is no new attempt";
  }
  auto node = open<lasting>();
  EXPECT_EQ(told<lasting>(node, arrive("ada"), first), "repeat 1");
  EXPECT_EQ(told<lasting>(node, arrive("bob"), expecting(3)), "4");
}

TEST_F(life, is_over_when_its_time_is_and_the_next_beginning_says_so) {
  ask_options same;
  same.command = runtime::new_command_id();
  for (const bool whole_checkpoint : {true, false}) {
    if (!whole_checkpoint) std::filesystem::remove_all(directory / "node");
    {
      auto node = open<fleeting>();
      EXPECT_EQ(told<fleeting>(node, arrive("ada"), same), "1");
      outlive();
      EXPECT_EQ(seen<fleeting>(node), "not_found @1");
      EXPECT_EQ(told<fleeting>(node, trial::StayT{}), "not_found");
      EXPECT_EQ(told<fleeting>(node, arrive("ada"), same), "repeat 1");
      EXPECT_EQ(told<fleeting>(node, arrive("bob"), expecting(1)), "2");
      outlive();
    }
    {
      auto node = open<fleeting>();  // its age is in the checkpoint
      EXPECT_EQ(seen<fleeting>(node), "not_found @2");
      EXPECT_EQ(told<fleeting>(node, arrive("eve")), "3");
    }
    if (!whole_checkpoint) std::filesystem::remove_all(directory / "node" / "checkpoints");
    auto node = open<lasting>();  // another policy: what was recorded stays what it was
    EXPECT_EQ(seen<lasting>(node), "eve 1 @3");
    EXPECT_EQ(told<lasting>(node, trial::StayT{}), "4");
    EXPECT_EQ(seen<lasting>(node), "eve 2 @4");
  }
}

TEST_F(life, that_left_no_mark_goes_on_under_a_longer_policy) {
  {
    auto node = open<fleeting>();
    EXPECT_EQ(told<fleeting>(node, arrive("ada")), "1");
    outlive();
    EXPECT_EQ(seen<fleeting>(node), "not_found @1");
  }
  auto node = open<lasting>();
  EXPECT_EQ(seen<lasting>(node), "ada 1 @1");
}

}  // namespace
}  // namespace quipu::test
