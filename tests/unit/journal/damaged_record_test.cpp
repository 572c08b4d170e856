/// Records that were damaged on their way: every one must be refused, none may crash the reader.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "sample_batch.hpp"
#include "support/seed.hpp"

namespace quipu::test {
namespace {

using journal::failure_kind;
using journal::record_view;

/// The same bytes with the right checksum behind them.
bytes with_checksum(bytes record) {
  auto sum = checksum_of(bytes_view(record).first(record.size() - 16));
  for (unsigned i = 0; i < 8; ++i) {
    record[record.size() - 16 + i] = static_cast<std::uint8_t>(sum.high >> (56 - 8 * i));
    record[record.size() - 8 + i] = static_cast<std::uint8_t>(sum.low >> (56 - 8 * i));
  }
  return record;
}

/// Touches everything that an accessor gives out.
std::uint64_t read_all(const record_view& record) {
  std::uint64_t sum = record.stamp().epoch + record.owner().size();
  auto add = [&](bytes_view data) {
    for (auto byte : data) sum += byte;
  };
  for (std::uint32_t i = 0; i < record.type_count(); ++i) add(as_bytes(record.type(i).name));
  for (std::uint32_t i = 0; i < record.commit_count(); ++i) {
    auto commit = record.commit_at(i);
    add(as_bytes(commit.category));
    add(as_bytes(commit.key));
    if (commit.source) sum += commit.source->at.value + commit.source->index;
    add(commit.reply);
    if (commit.has_reply) add(as_bytes(record.type(commit.reply_type).name));
    for (std::uint32_t h = 0; h < commit.header_count; ++h) {
      add(as_bytes(record.header(commit, h).name));
      add(record.header(commit, h).value);
    }
    for (std::uint32_t e = 0; e < commit.event_count; ++e) {
      add(commit.event(e).payload);
      add(as_bytes(record.type(commit.event(e).type).name));
    }
  }
  return sum;
}

}  // namespace

TEST(damaged_record, every_flipped_bit_is_noticed) {
  auto record = *sample_batch::fixed().seal();
  for (std::size_t i = 0; i < record.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      record[i] ^= static_cast<std::uint8_t>(1U << bit);
      EXPECT_FALSE(record_view::decode(record)) << "byte " << i << " bit " << bit;
      record[i] ^= static_cast<std::uint8_t>(1U << bit);
    }
  }
  EXPECT_TRUE(record_view::decode(record));
}

TEST(damaged_record, every_truncation_is_noticed) {
  auto record = *sample_batch::fixed().seal();
  for (std::size_t size = 0; size < record.size(); ++size) {
    bytes cut(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(record_view::decode(cut)) << size;
    if (size >= 32) {
      EXPECT_FALSE(record_view::decode(with_checksum(cut))) << size;
    }
  }
  record.insert(record.end(), 8, 0);
  EXPECT_FALSE(record_view::decode(record));
}

TEST(damaged_record, header_damage_is_noticed) {
  auto header = *journal::encode_header({{1, 2}, {3, 4}, 16, 786432, 5, "creator"});
  for (std::size_t i = 0; i < header.size(); ++i) {
    header[i] ^= 0x55;
    EXPECT_FALSE(journal::decode_header(header)) << i;
    header[i] ^= 0x55;
  }
  for (std::size_t size = 0; size < header.size(); ++size) {
    EXPECT_FALSE(journal::decode_header(bytes_view(header).first(size))) << size;
  }
}

TEST(damaged_record, a_newer_version_is_unsupported_and_named) {
  auto record = *sample_batch::fixed().seal();
  record[4] = 7;
  auto read = record_view::decode(with_checksum(record));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, failure_kind::unsupported);
  EXPECT_NE(read.error().text.find("version 7"), std::string::npos) << read.error().text;
  EXPECT_NE(read.error().text.find("version 1"), std::string::npos) << read.error().text;
}

TEST(damaged_record, unknown_flags_are_unsupported) {
  auto record = *sample_batch::fixed().seal();
  for (const unsigned flags : {4U, 7U, 128U}) {
    record[6] = static_cast<std::uint8_t>(flags);
    EXPECT_EQ(record_view::decode(with_checksum(record)).error().kind, failure_kind::unsupported);
  }
  auto header = *journal::encode_header({{1, 2}, {3, 4}, 1, 768 * 1024, 0, ""});
  header[6] = 1;
  EXPECT_EQ(journal::decode_header(with_checksum(header)).error().kind, failure_kind::unsupported);
}

// What would make an older program read on and fold a state that no longer counts.
TEST(damaged_record, a_beginning_after_expiry_is_flagged) {
  auto batch = sample_batch::fixed();
  auto commit = batch.commits()[0];
  journal::batch_builder builder;
  commit.after_expiry = true;
  builder.add(commit);
  auto record = *builder.seal(batch.stamp());
  EXPECT_EQ(record[6], 1);
  EXPECT_TRUE(record_view::decode(record)->commit_at(0).after_expiry);
  record[6] = 0;
  EXPECT_EQ(record_view::decode(with_checksum(record)).error().kind, failure_kind::corrupt);
  commit.after_expiry = false;
  builder.add(commit);
  EXPECT_EQ((*builder.seal(batch.stamp()))[6], 0) << "the next record begins without";
}

// An older program would leave the mark out of its snapshots, and a late repeat would be done again.
TEST(damaged_record, the_source_of_a_reactions_command_is_flagged) {
  auto batch = sample_batch::fixed();
  auto commit = batch.commits()[0];
  journal::batch_builder builder;
  commit.source = command_source{7, {30}, 2, {29}};
  builder.add(commit);
  auto record = *builder.seal(batch.stamp());
  EXPECT_EQ(record[6], 2);
  EXPECT_EQ(record_view::decode(record)->commit_at(0).source, commit.source);
  record[6] = 1;
  EXPECT_EQ(record_view::decode(with_checksum(record)).error().kind, failure_kind::corrupt);
  commit.after_expiry = true;
  builder.add(commit);
  EXPECT_EQ((*builder.seal(batch.stamp()))[6], 3);
  commit.source.reset();
  commit.after_expiry = false;
  builder.add(commit);
  EXPECT_EQ((*builder.seal(batch.stamp()))[6], 0) << "the next record begins without";
}

TEST(damaged_record, a_source_that_cannot_be_is_refused) {
  auto batch = sample_batch::fixed();
  auto commit = batch.commits()[0];
  journal::batch_builder builder;
  const command_source marked{0x1111111111111111, {0x2222222222222222}, 2, {0x2222222222222221}};
  commit.source = marked;
  builder.add(commit);
  const auto record = *builder.seal(batch.stamp());
  const auto changed = [&](std::uint64_t from, std::uint64_t to) {
    auto bytes = record;
    std::array<std::uint8_t, 8> wanted;
    std::memcpy(wanted.data(), &from, sizeof from);
    const auto found = std::ranges::search(bytes, wanted);
    EXPECT_FALSE(found.empty());
    std::memcpy(found.data(), &to, sizeof to);
    return with_checksum(std::move(bytes));
  };
  EXPECT_TRUE(record_view::decode(changed(marked.reaction, 1)));
  EXPECT_EQ(record_view::decode(changed(marked.reaction, 0)).error().code, error_code::record_malformed);
  EXPECT_EQ(record_view::decode(changed(marked.settled.value, marked.at.value)).error().code,
            error_code::record_malformed);
  for (const auto& wrong :
       {command_source{0, {2}, 0, {1}}, command_source{1, {2}, 0, {2}}, command_source{1, {}, 0, {}}}) {
    commit.source = wrong;
    EXPECT_THROW(builder.add(commit), std::invalid_argument);
  }
}

TEST(damaged_record, bytes_that_are_not_aligned_are_refused) {
  auto record = *sample_batch::fixed().seal();
  bytes shifted(record.size() + 1);
  std::memcpy(shifted.data() + 1, record.data(), record.size());
  EXPECT_EQ(record_view::decode(bytes_view(shifted).subspan(1)).error().kind, failure_kind::invalid);
}

TEST(damaged_record, random_bytes_are_refused) {
  auto source = random_source(2);
  for (int round = 0; round < 20000; ++round) {
    bytes noise(between(source, 0, 300));
    for (auto& byte : noise) byte = static_cast<std::uint8_t>(source());
    EXPECT_FALSE(record_view::decode(noise));
    EXPECT_FALSE(journal::decode_header(noise));
  }
}

// Whoever can write records can make the checksum right: then only the structure's checks stand between the
// bytes and the accessors. Some such records are well-formed; reading them must stay within their bytes.
TEST(damaged_record, damage_with_the_right_checksum_is_refused_or_harmless) {
  auto source = random_source(3);
  for (int round = 0; round < 200; ++round) {
    auto record = *sample_batch::random(source).seal();
    for (int change = 0; change < 100; ++change) {
      auto damaged = record;
      for (auto count = between(source, 1, 4); count > 0; --count) {
        auto at = between(source, 16, damaged.size() - 17);
        damaged[at] = between(source, 0, 1) == 0
                          ? static_cast<std::uint8_t>(source())
                          : static_cast<std::uint8_t>(damaged[at] ^ (1U << (source() % 8)));
      }
      damaged = with_checksum(std::move(damaged));
      if (auto read = record_view::decode(damaged)) read_all(*read);
    }
  }
}

}  // namespace quipu::test
