/// Batches that no writer makes, in a perfect envelope: what they refer to does not exist or does not agree.
#include <gtest/gtest.h>
#include <quipu/format/batch_generated.h>
#include <quipu/journal/record.hpp>

#include <limits>

#include "format/envelope.hpp"

namespace quipu::test {
namespace {

using journal::record_view;

/// One commit with one event, all of whose parts a test may spoil.
struct parts {
  std::string category = "account";
  std::uint16_t category_index = 0;
  std::size_t key_size = 3;
  std::uint64_t first_sequence = 1;
  std::uint16_t event_type = 0;
  std::size_t events = 1;
  bool aligned = true;
  std::uint16_t reply_type = 65535;
  bool reply = false;
  std::uint16_t header_name = 0;
  bool claim = false;
  std::size_t commits = 1;
  bool with_tables = true;
};

std::shared_ptr<const bytes> encode(const parts& p) {
  flatbuffers::FlatBufferBuilder out;
  bytes payload(12);
  auto put_payload = [&] {
    out.ForceVectorAlignment(payload.size(), 1, 8);
    if (!p.aligned) out.ForceVectorAlignment(payload.size() + 4, 1, 8);
    return out.CreateVector(payload);
  };
  auto event = quipu::format::CreateEvent(out, p.event_type, put_payload());
  auto events = out.CreateVector(std::vector(p.events, event));
  auto header = quipu::format::CreateHeader(out, p.header_name, out.CreateVector(payload));
  auto headers = out.CreateVector(&header, 1);
  auto reply = p.reply ? put_payload() : 0;
  auto key = out.CreateVector(bytes(p.key_size, 'k'));
  auto commit = quipu::format::CreateCommit(out, p.category_index, key, p.first_sequence, 0, nullptr, 0,
                                            false, p.reply_type, reply, headers, nullptr, nullptr, events);
  auto commits = out.CreateVector(std::vector(p.commits, commit));
  auto text = out.CreateString(p.category);
  auto strings = out.CreateVector(&text, 1);
  quipu::format::Id id(1, 2);
  auto type = quipu::format::CreateType(out, out.CreateString("t"), &id);
  auto types = out.CreateVector(&type, 1);
  auto claim = p.claim ? quipu::format::CreateClaim(out, out.CreateString("me")) : 0;
  if (!p.with_tables) {
    strings = 0;
    types = 0;
  }
  out.Finish(quipu::format::CreateBatch(out, &id, &id, 0, 1, &id, &id, 0, strings, types, claim, commits));
  return journal::envelope::wrap(journal::envelope::record_kind::batch,
                                 {out.GetBufferPointer(), out.GetSize()});
}

void expect_corrupt(const parts& p, std::string_view says) {
  auto record = encode(p);
  auto read = record_view::decode(*record);
  ASSERT_FALSE(read) << says;
  EXPECT_EQ(read.error().kind, journal::failure_kind::corrupt);
  EXPECT_NE(read.error().text.find(says), std::string::npos) << read.error().text;
}

}  // namespace

TEST(hostile_batch, the_unspoilt_one_is_read) {
  auto record = encode({});
  auto read = record_view::decode(*record);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->commit_at(0).category, "account");
}

TEST(hostile_batch, indexes_that_lead_nowhere) {
  expect_corrupt({.category_index = 1}, "category");
  expect_corrupt({.category_index = 65535}, "category");
  expect_corrupt({.event_type = 1}, "event names no type");
  expect_corrupt({.reply_type = 1, .reply = true}, "reply names no type");
  expect_corrupt({.reply_type = 65534}, "reply names no type");
  expect_corrupt({.header_name = 1}, "header");
  expect_corrupt({.with_tables = false}, "category");
}

TEST(hostile_batch, parts_that_are_not_allowed) {
  expect_corrupt({.category = "Account"}, "category");
  expect_corrupt({.category = ""}, "category");
  expect_corrupt({.category = std::string(65, 'a')}, "category");
  expect_corrupt({.key_size = 0}, "key");
  expect_corrupt({.key_size = 256}, "key");
  expect_corrupt({.first_sequence = 0}, "sequence");
  expect_corrupt({.first_sequence = std::numeric_limits<std::uint64_t>::max()}, "overflow");
  expect_corrupt({.aligned = false}, "aligned");
  expect_corrupt({.reply = true}, "reply has no type");
  expect_corrupt({.claim = true}, "claim");
}

TEST(hostile_batch, more_events_than_a_position_can_number) {
  // Each is the same table again: small as a record, large to read.
  expect_corrupt({.events = 65536}, "");
  expect_corrupt({.events = 300, .commits = 300}, "");
  expect_corrupt({.events = 60000, .commits = 60000}, "");
}

}  // namespace quipu::test
