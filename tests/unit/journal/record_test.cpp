#include <gtest/gtest.h>
#include <quipu/journal/record.hpp>

#include <algorithm>
#include <stdexcept>

#include "sample_batch.hpp"
#include "support/seed.hpp"

namespace quipu::test {

using journal::batch_builder;
using journal::record_view;

TEST(record, reads_back_what_was_written) {
  auto batch = sample_batch::fixed();
  auto record = batch.seal();
  auto read = record_view::decode(*record);
  ASSERT_TRUE(read) << read.error().text;
  expect_same(batch, *read);
  EXPECT_EQ(read->type_count(), 3U);
}

TEST(record, reads_back_random_batches_and_bounds_their_sizes) {
  auto source = random_source(1);
  batch_builder builder;  // one for all: nothing of a batch may stay behind
  for (int round = 0; round < 300; ++round) {
    auto batch = sample_batch::random(source);
    for (const auto& commit : batch.commits()) {
      auto promised = builder.size_bound() + batch_builder::cost_bound(commit);
      builder.add(commit);
      ASSERT_LE(builder.size_bound(), promised);
    }
    EXPECT_EQ(builder.commits(), batch.commits().size());
    auto bound = builder.size_bound();
    auto record = builder.seal(batch.stamp());
    ASSERT_LE(record->size(), bound);
    EXPECT_EQ(record->size() % 8, 0U);
    EXPECT_TRUE(builder.empty());
    EXPECT_EQ(builder.events(), 0U);
    auto read = record_view::decode(*record);
    ASSERT_TRUE(read) << read.error().text;
    expect_same(batch, *read);
    ASSERT_EQ(*record, *batch.seal());  // a used builder and a new one write the same bytes
    if (HasFailure()) return;
  }
}

TEST(record, knows_its_own_checksum) {
  auto record = sample_batch::fixed().seal();
  auto covered = bytes_view(*record).first(record->size() - 16);
  EXPECT_EQ(record_view::decode(*record)->sum(), checksum_of(covered));
}

TEST(record, holds_as_many_events_as_a_position_can_number) {
  std::vector<journal::typed_bytes> events(65535, {{"t", {}}, as_bytes("12345678")});
  batch_builder builder;
  builder.add({.category = "c", .key = "k", .first_sequence = 1, .events = events});
  EXPECT_THROW(builder.add({.category = "c", .key = "k", .first_sequence = 1, .events = {events.data(), 1}}),
               std::length_error);
  auto record = builder.seal({});
  auto read = record_view::decode(*record);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->event_count(), 65535U);
}

TEST(record, takes_many_header_names_without_searching_them_all) {
  std::vector<std::string> names;
  std::vector<journal::header_view> headers;
  for (int i = 0; i < 60000; ++i) names.push_back(std::to_string(i));
  for (const auto& name : names) headers.push_back({name, {}});
  batch_builder builder;
  builder.add({.category = "c", .key = "k", .first_sequence = 1, .headers = headers});
  EXPECT_THROW(builder.add({.category = "c", .key = "k", .first_sequence = 1, .headers = headers}),
               std::length_error);
  auto record = builder.seal({});
  auto read = record_view::decode(*record);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->header(read->commit_at(0), 59999).name, "59999");
}

TEST(record, a_commit_that_no_reader_would_take_is_a_bug) {
  batch_builder builder;
  EXPECT_THROW(builder.add({.category = "Upper", .key = "k", .first_sequence = 1}), std::invalid_argument);
  EXPECT_THROW(builder.add({.category = "c", .key = "", .first_sequence = 1}), std::invalid_argument);
  EXPECT_THROW(builder.add({.category = "c", .key = "k", .first_sequence = 0}), std::invalid_argument);
  EXPECT_TRUE(builder.empty());
}

TEST(record, clear_forgets) {
  auto batch = sample_batch::fixed();
  batch_builder builder;
  builder.add(batch.commits()[0]);
  builder.clear();
  EXPECT_TRUE(builder.empty());
  for (const auto& commit : batch.commits()) builder.add(commit);
  EXPECT_EQ(*builder.seal(batch.stamp()), *batch.seal());
}

TEST(record, a_claim_names_its_owner) {
  auto batch = sample_batch::fixed();
  auto record = journal::encode_claim(batch.stamp(), "host-1:4711");
  auto read = record_view::decode(*record);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_TRUE(read->is_claim());
  EXPECT_EQ(read->owner(), "host-1:4711");
  EXPECT_EQ(read->stamp().id, batch.stamp().id);
  EXPECT_EQ(read->commit_count(), 0U);
  EXPECT_EQ(read->event_count(), 0U);
  EXPECT_EQ(read->type_count(), 0U);
}

TEST(record, the_header_reads_back) {
  journal::identity about{{1, 2}, {3, 4}, 16, 768 * 1024, 1'700'000'000'000'000, "quipu 0.1 \xff"};
  auto read = journal::decode_header(*journal::encode_header(about));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->lineage, about.lineage);
  EXPECT_EQ(read->incarnation, about.incarnation);
  EXPECT_EQ(read->partitions, about.partitions);
  EXPECT_EQ(read->max_record_bytes, about.max_record_bytes);
  EXPECT_EQ(read->created_us, about.created_us);
  EXPECT_EQ(read->creator, about.creator);
}

TEST(record, a_header_without_an_identity_is_refused) {
  journal::identity about{{1, 2}, {3, 4}, 0, 768 * 1024, 0, ""};
  EXPECT_EQ(journal::decode_header(*journal::encode_header(about)).error().kind,
            journal::failure_kind::corrupt);
  about.partitions = 1;
  about.lineage = {};
  EXPECT_EQ(journal::decode_header(*journal::encode_header(about)).error().kind,
            journal::failure_kind::corrupt);
}

TEST(record, kinds_are_not_mixed_up) {
  auto header = journal::encode_header({{1, 2}, {3, 4}, 1, 4096, 0, ""});
  EXPECT_EQ(record_view::decode(*header).error().kind, journal::failure_kind::corrupt);
  EXPECT_EQ(journal::decode_header(*sample_batch::fixed().seal()).error().kind,
            journal::failure_kind::corrupt);
}

}  // namespace quipu::test
