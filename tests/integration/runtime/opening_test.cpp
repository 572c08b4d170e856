// Opening: who may, with what, and what it finds.
#include <fstream>
#include <future>

#include "runtime_fixture.hpp"
#include "support/child_process.hpp"

namespace quipu::test {
namespace {

TEST(opening, is_refused_a_second_time_in_this_process) {
  node_place place("lmdb:");
  auto node = place.open();
  const auto second = place.try_open(place.defaults);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, error_kind::unavailable);
  EXPECT_NE(second.error().text.find(std::to_string(::getpid())), std::string::npos) << second.error().text;
}

TEST(opening, names_the_process_that_holds_the_directory) {
  node_place place("lmdb:");
  child_process holder({QUIPU_RUNTIME_HOLDER, (place.directory / "node").string()});
  ASSERT_EQ(holder.read_line(), "open");
  const auto second = place.try_open(place.defaults);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, error_kind::unavailable);
  EXPECT_NE(second.error().text.find(std::to_string(holder.pid())), std::string::npos) << second.error().text;
  holder.kill();
  EXPECT_EQ(value_of(place.open().ask<counter>("a", add(1)).get()), 2)
      << "what the other one answered is there";
}

TEST(opening, refuses_options_that_make_no_sense) {
  node_place place;
  const auto refused = [&](auto change, std::string_view word) {
    auto how = place.defaults;
    change(how);
    const auto opened = place.try_open(how);
    ASSERT_FALSE(opened.has_value()) << word;
    EXPECT_EQ(opened.error().kind, error_kind::invalid);
    EXPECT_NE(opened.error().text.find(word), std::string::npos) << opened.error().text;
  };
  refused([](options& how) { how.partitions = 0; }, "partitions");
  refused([](options& how) { how.admission.commands_per_partition = 0; }, "admission");
  refused([](options& how) { how.entities.resident_per_partition = 0; }, "entities");
  refused([](options& how) { how.recovery_target = 0ms; }, "recovery_target");
  const auto nowhere = runtime::open(trial_domain(), {.journal = "memory:"});
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_NE(nowhere.error().text.find("directory"), std::string::npos);
  const auto no_journal =
      runtime::open(trial_domain(), {.directory = place.directory / "n", .journal = "tape:"});
  ASSERT_FALSE(no_journal.has_value());
  EXPECT_EQ(no_journal.error().kind, error_kind::invalid) << no_journal.error().text;
}

TEST(opening, says_when_the_directory_cannot_be_made) {
  temporary_directory directory;
  std::ofstream(directory / "file") << "no directory";
  const auto opened = runtime::open(trial_domain(), {.directory = directory / "file", .journal = "memory:"});
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().text.find("file"), std::string::npos) << opened.error().text;
}

TEST(opening, gives_up_on_a_journal_that_does_not_answer) {
  node_place place;
  place.control->stall();
  place.defaults.open_within = 50ms;
  const auto opened = place.try_open(place.defaults);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().kind, error_kind::unavailable);
}

TEST(opening, notes_that_a_journal_keeps_its_partitions) {
  node_place place("memory:", 4);
  place.defaults.partitions = 8;
  auto node = place.open();
  const auto status = node.status();
  EXPECT_EQ(status.partitions.size(), 4U);
  EXPECT_NE(all_notes(status).find("4 partitions"), std::string::npos);
}

TEST(opening, claims_each_time_with_a_new_epoch) {
  node_place place("lmdb:");
  for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) {
    auto node = place.open();
    for (const auto& one : node.status().partitions) {
      EXPECT_EQ(one.epoch, epoch);
      EXPECT_EQ(one.phase, partition_phase::serving);
    }
  }
}

TEST(opening, shares_its_journal_with_others_in_the_process) {
  node_place place("lmdb:");
  std::shared_ptr<journal::journal> kept;
  {
    auto node = place.open();
    EXPECT_EQ(value_of(node.ask<counter>("a", add(1)).get()), 1);
    kept = node.journal();
  }
  auto cursor = kept->read(0);
  std::uint64_t records = 0;
  for (auto next = cursor->next(); next && *next; next = cursor->next()) ++records;
  EXPECT_EQ(records, 5U);
}

TEST(opening, is_superseded_by_another_owner_of_the_journal) {
  node_place place("memory:", 2);
  std::promise<std::uint32_t> superseded;  // set once: a second call would throw
  place.defaults.on_notice = [&](const notice& what) {
    if (what.kind == notice_kind::superseded) superseded.set_value(*what.partition);
  };
  auto first = place.open();
  EXPECT_EQ(value_of(first.ask<counter>("a", add(1)).get()), 1);

  temporary_directory elsewhere;
  auto how = place.defaults;
  how.owner = "the other one";
  how.on_notice = {};
  auto second = place.open_beside(how, elsewhere / "node");
  EXPECT_EQ(value_of(second.ask<counter>("a", add(1)).get()), 2);

  const auto told = first.ask<counter>("a", add(1)).get();
  ASSERT_FALSE(told.has_value());
  EXPECT_EQ(told.error().kind, error_kind::superseded);
  EXPECT_NE(told.error().text.find("the other one"), std::string::npos) << told.error().text;
  const auto partition = partition_of_counter("a", 2);
  EXPECT_EQ(first.status().partitions[partition].phase, partition_phase::superseded);
  EXPECT_EQ(superseded.get_future().get(), partition);
}

}  // namespace
}  // namespace quipu::test
