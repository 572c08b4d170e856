#include "basket.hpp"

#include <gtest/gtest.h>
#include <quipu/testing.hpp>

#include <chrono>

namespace model_test {
namespace {

using quipu::testing::circumstances;
using quipu::testing::given;
using namespace std::chrono_literals;

PutT put(std::initializer_list<const char*> articles) {
  PutT command;
  for (const char* article : articles) {
    command.lines.push_back(std::make_unique<LineT>());
    command.lines.back()->article = article;
  }
  return command;
}

AddedT added(const char* article) {
  LineT line;
  line.article = article;
  return basket::added(line);
}

TEST(decision, replies_with_a_ready_value) {
  given<basket>().when(BeginT{.note = "n"}).then({BeganT{.note = "n"}}).replies({.lines = -1, .events = -1});
}

TEST(decision, may_answer_without_an_event) {
  given<basket>({BeganT{}}).when(BeginT{}).then({}).replies({.lines = 0, .events = 1});
  given<basket>({BeganT{}}).when(PeekT{}).then({});
}

TEST(decision, emits_in_a_loop_and_replies_from_the_state_after) {
  given<basket>({BeganT{}})
      .when(put({"a", "b", "c"}))
      .then({added("a"), added("b"), added("c")})
      .replies({.lines = 3, .events = 4});
  given<basket>({BeganT{}}).when(put({})).then({}).replies({.lines = 0, .events = 1});
}

TEST(decision, replies_with_a_capturing_function) {
  given<basket>({BeganT{}, added("a"), added("b")})
      .when(TakeT{.article = "b"})
      .then({TakenT{.article = "b"}, EmptiedT{}})
      .replies({.lines = -2, .events = 5});
}

TEST(decision, rejects_with_code_and_text) {
  const auto seen = given<basket>({BeganT{}}).when(TakeT{}).rejects("empty");
  EXPECT_EQ(seen.rejected()->text, "nothing to take");
}

TEST(decision, missing_overloads_are_rejections) {
  given<basket>().when(TakeT{}).rejects("not_found");
  given<basket>({BeganT{}}).when(RenewT{}).rejects("exists");
}

TEST(decision, replies_from_a_fresh_state_after_the_end) {
  given<basket>({BeganT{}, added("a")})
      .when(EndT{})
      .then({EndedT{}})
      .ends()
      .replies({.lines = 0, .events = 0});
  given<basket>({BeganT{}, EndedT{}}).ended().when(RenewT{}).then({BeganT{.note = "again"}});
}

TEST(decision, finds_nothing_after_the_time_to_live) {
  given<basket>({BeganT{}, added("a")}).after(24h).when(TakeT{}).accepts();
  given<basket>({BeganT{}, added("a")}).after(24h + 1us).when(TakeT{}).rejects("not_found");
  given<basket>({BeganT{}, added("a")})
      .after(25h)
      .when(BeginT{.note = "again"})
      .then({BeganT{.note = "again"}})
      .leaves([] {
        BasketT fresh;
        fresh.note = "again";
        fresh.events = 1;
        return fresh;
      }());
  given<basket>().after(25h).when(BeginT{}).accepts();
}

TEST(decision, is_a_value) {
  basket::decision<CountT> d;
  EXPECT_EQ(d.size(), 0U);
  d.emit(BeganT{.note = "x"}).emit(EmptiedT{}).reply(CountT{.lines = 5});
  const auto copy = d;
  std::vector<std::size_t> seen;
  copy.each_event([&seen](std::size_t type, const auto&) { seen.push_back(type); });
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 3}));
  EXPECT_EQ(copy.answer(BasketT{}).lines, 5);
}

TEST(decision, faults_of_the_domain_are_exceptions) {
  const auto begun = given<basket>({BeganT{}});
  EXPECT_THROW(begun.when(BreakT{.how = "throw"}), std::runtime_error);
  EXPECT_THROW(begun.when(BreakT{.how = "no reply"}), std::logic_error);
  EXPECT_THROW(begun.when(BreakT{.how = "silent end"}), std::logic_error);
  try {
    begun.when(BreakT{.how = "null"});
    FAIL() << "a null was emitted";
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "model_test.Marked: lines[0] is null");
  }
}

TEST(context, draws_the_same_numbers_for_the_same_command) {
  const auto begun = given<basket>({BeganT{}});
  const auto rolled = [&begun](std::uint64_t id) {
    return begun.when(RollT{}, circumstances{.command = {7, id}}).state().rolled;
  };
  EXPECT_EQ(rolled(1), rolled(1));
  EXPECT_NE(rolled(1), rolled(2));
}

std::string message_of(auto&& check) {
  try {
    check();
  } catch (const quipu::testing::failure& failed) {
    return failed.what();
  }
  return "nothing failed";
}

TEST(test_kit, shows_differing_events_as_json) {
  const auto text = message_of([] {
    given<basket>({BeganT{}, added("a")})
        .when(TakeT{.article = "b"})
        .then({TakenT{.article = "c"}, EmptiedT{}});
  });
  EXPECT_EQ(text,
            "given 2 events, when model_test.Take: then: the events differ (- expected, + recorded)\n"
            "    model_test.Taken {\n"
            "  -   \"article\": \"c\"\n"
            "  +   \"article\": \"b\"\n"
            "    }\n"
            "    model_test.Emptied {}\n");
}

TEST(test_kit, shows_a_differing_reply_as_json) {
  const auto text = message_of([] { given<basket>().when(BeginT{}).replies({.lines = 2, .events = -1}); });
  EXPECT_NE(text.find("  -   \"lines\": 2,\n  +   \"lines\": -1,\n      \"events\": -1\n"), std::string::npos)
      << text;
}

TEST(test_kit, says_what_was_rejected_or_was_not) {
  EXPECT_EQ(message_of([] { given<basket>().when(TakeT{}).then({}); }),
            "given 0 events, when model_test.Take: then: the command was rejected with \"not_found\" (there "
            "is no such "
            "basket)");
  EXPECT_NE(message_of([] { given<basket>().when(BeginT{}).rejects("x"); }).find("+ model_test.Began"),
            std::string::npos);
  EXPECT_NE(message_of([] { given<basket>().when(TakeT{}).rejects("x"); }).find("expected \"x\""),
            std::string::npos);
  EXPECT_NE(message_of([] { given<basket>().when(BeginT{}).ends(); }).find("goes on"), std::string::npos);
  EXPECT_NE(message_of([] { given<basket>().when(BeginT{}).leaves({}); }).find("+   \"events\": 1"),
            std::string::npos);
}

TEST(test_kit, keeps_quiet_when_asked_to) {
  const auto seen = given<basket>().when(BeginT{}).quietly().then({}).rejects("x").ends();
  EXPECT_FALSE(seen);
  EXPECT_NE(seen.message().find("then: "), std::string::npos);
  EXPECT_NE(seen.message().find("rejects: "), std::string::npos);
  EXPECT_TRUE(given<basket>().when(BeginT{}).quietly().accepts());
}

/// Its life has no end; its decisions have a time.
struct clock_watcher {
  static constexpr std::string_view category = "clock-watcher";
  using state = CountT;
  using commands = quipu::types<PeekT>;
  using events = quipu::types<RolledT>;
  static quipu::decision<clock_watcher> decide(const state&, const PeekT&, const quipu::context& about) {
    return emit(RolledT{.value = static_cast<std::uint64_t>((about.time() - circumstances{}.time).count())});
  }
  static void evolve(state& s, const RolledT&) { ++s.events; }
};

TEST(test_kit, lets_time_pass) {
  given<clock_watcher>({RolledT{}}).when(PeekT{}).then({RolledT{.value = 0}});
  given<clock_watcher>({RolledT{}}).after(1s).after(5us).when(PeekT{}).then({RolledT{.value = 1'000'005}});
  given<clock_watcher>({RolledT{}}).after(24h * 365 * 100).when(PeekT{}).accepts();
}

/// Remembers what it saw elsewhere, which no evolve may.
struct forgetful {
  static constexpr std::string_view category = "forgetful";
  using state = CountT;
  using commands = quipu::types<PeekT>;
  using events = quipu::types<EmptiedT>;
  static quipu::decision<forgetful> decide(quipu::absent, const PeekT&, const quipu::context&) {
    return emit(EmptiedT{});
  }
  static void evolve(state& s, const EmptiedT&) {
    static int calls = 0;
    s.events = ++calls;
  }
};

TEST(test_kit, notices_an_evolve_that_is_not_pure) {
  EXPECT_NE(message_of([] { given<forgetful>().when(PeekT{}); }).find("another state"), std::string::npos);
}

/// Makes room for tables and puts none there.
struct roomy {
  static constexpr std::string_view category = "roomy";
  using state = BasketT;
  using commands = quipu::types<PeekT>;
  using events = quipu::types<EmptiedT>;
  static quipu::decision<roomy> decide(quipu::absent, const PeekT&, const quipu::context&) {
    return emit(EmptiedT{});
  }
  static void evolve(state& s, const EmptiedT&) { s.lines.resize(3); }
};

TEST(test_kit, notices_a_state_that_cannot_be_saved) {
  EXPECT_EQ(
      message_of([] { given<roomy>().when(PeekT{}); }),
      "given 0 events, when model_test.Peek: the state cannot be saved: model_test.Basket: lines[0] is null");
}

}  // namespace
}  // namespace model_test
