// What stands in a runtime's log, and what costs a listener nothing.
#include "runtime_fixture.hpp"

#include <algorithm>
#include <fstream>
#include <mutex>
#include <sstream>

namespace quipu::test {
namespace {

/// Keeps entries; any thread.
class kept_log {
 public:
  log_options at(log_level level) {
    return {.sink =
                [this](const log_entry& what) {
                  const std::scoped_lock lock(guard_);
                  entries_.push_back(what);
                },
            .level = level};
  }
  std::vector<log_entry> entries(std::string_view part = {}) const {
    const std::scoped_lock lock(guard_);
    std::vector<log_entry> some;
    for (const auto& one : entries_)
      if (one.text.find(part) != std::string::npos) some.push_back(one);
    return some;
  }

 private:
  mutable std::mutex guard_;
  std::vector<log_entry> entries_;
};

std::int64_t number_of(const log_entry& what, std::string_view name) {
  const auto found = std::ranges::find(what.fields, name, &log_field::name);
  return found == what.fields.end() ? -1 : std::get<std::int64_t>(found->value);
}

TEST(log, tells_a_life_at_info) {
  node_place place("lmdb:", 2);
  kept_log kept;
  place.defaults.log = kept.at(log_level::info);
  {
    auto node = place.open();
    EXPECT_EQ(value_of(node.ask<counter>("a", add(1)).get()), 1);
  }
  const auto all = kept.entries();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_NE(all[0].text.find("trial opens the journal lmdb:"), std::string::npos) << all[0].text;
  EXPECT_NE(all[1].text.find("the journal is open; "), std::string::npos) << all[1].text;
  EXPECT_EQ(number_of(all[1], "partitions"), 2);
  EXPECT_EQ(all[2].component, "node");
  EXPECT_EQ(number_of(all[2], "events"), 0);
  EXPECT_NE(all[3].text.find("answered and saved"), std::string::npos) << all[3].text;
  for (const auto& one : all) EXPECT_EQ(one.level, log_level::info) << one.text;
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &log_entry::time));
}

TEST(log, is_quiet_by_default_while_all_goes_well) {
  node_place place("lmdb:", 2);
  kept_log kept;
  place.defaults.log = kept.at(options{}.log.level);
  {
    auto node = place.open();
    EXPECT_EQ(value_of(node.ask<counter>("a", add(1)).get()), 1);
  }
  auto node = place.open();
  EXPECT_EQ(value_of(node.ask<counter>("a", add(1)).get()), 2);
  EXPECT_TRUE(kept.entries().empty()) << kept.entries()[0].text;
}

TEST(log, tells_of_claims_at_debug) {
  node_place place("memory:", 2);
  kept_log kept;
  place.defaults.log = kept.at(log_level::debug);
  auto node = place.open();
  const auto claimed = kept.entries("is claimed");
  ASSERT_EQ(claimed.size(), 2U);
  EXPECT_EQ(number_of(claimed[0], "epoch"), 1);
  EXPECT_EQ(kept.entries("the partition serves").size(), 2U);
}

TEST(log, tells_the_author_of_faults_and_not_in_floods) {
  node_place place("memory:", 1);
  kept_log kept;
  place.defaults.log = kept.at(log_level::warning);
  auto node = place.open();
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(node.ask<counter>("a", add(1, trial::Mischief::decide_throws)).get().error().kind,
              error_kind::faulted);
  const auto faults = kept.entries("decide had enough");
  EXPECT_GE(faults.size(), 1U);
  EXPECT_LT(faults.size(), 100U);
  EXPECT_EQ(faults[0].component, "domain");
  EXPECT_EQ(number_of(faults[0], "partition"), 0);
}

TEST(log, goes_to_a_file_by_itself) {
  node_place place("memory:", 1);
  const auto file = place.directory / "log";
  place.defaults.log = {.level = log_level::info, .format = log_format::json, .file = file};
  {
    auto node = place.open();
  }
  std::ifstream in(file);
  int lines = 0;
  for (std::string line; std::getline(in, line); ++lines) {
    EXPECT_EQ(line.find(R"({"time":"20)"), 0U) << line;
    EXPECT_EQ(line.back(), '}') << line;
  }
  EXPECT_EQ(lines, 3);  // open, serving, closed: the journal was given

  place.defaults.log.file = place.directory.path();
  const auto opened = place.try_open(place.defaults);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().kind, error_kind::invalid);
  EXPECT_NE(opened.error().text.find("log file"), std::string::npos) << opened.error().text;
}

}  // namespace
}  // namespace quipu::test
