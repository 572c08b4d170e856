#include "sample_batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/seed.hpp"

namespace quipu::test {

sample_batch sample_batch::fixed() {
  sample_batch out;
  out.stamp_ = {.lineage = {0x1111, 0x2222},
                .incarnation = {0x3333, 0x4444},
                .partition = 5,
                .epoch = 6,
                .id = {0x7777, 0x8888},
                .previous = {0x9999, 0xaaaa},
                .time_us = 1'700'000'000'000'000};
  journal::type_ref opened{"bank.Opened", {0xb1, 0xb2}};
  journal::type_ref moved{"bank.Moved", {0xc1, 0xc2}};
  auto& first = out.events_.emplace_back();
  first.push_back({opened, as_bytes("opened!")});
  first.push_back({moved, as_bytes("moved by some amount")});
  auto& headers = out.headers_.emplace_back();
  headers.push_back({"tenant", as_bytes("north")});
  headers.push_back({"user", as_bytes("")});
  out.commits_.push_back({.category = "account",
                          .key = "acc-17",
                          .first_sequence = 1,
                          .time_us = 1'700'000'000'000'001,
                          .command = {0xd1, 0xd2},
                          .body_hash = 0xe1,
                          .has_reply = true,
                          .reply = {{"bank.Balance", {0xf1, 0xf2}}, as_bytes("balance")},
                          .headers = headers,
                          .trace = {1, 2},
                          .causation = {3, 4},
                          .events = first});
  auto& second = out.events_.emplace_back();
  second.push_back({moved, as_bytes("8 bytes!")});
  out.commits_.push_back({.category = "account",
                          .key = std::string_view("\0\xff", 2),
                          .first_sequence = 1'000'000'007,
                          .time_us = 1'700'000'000'000'002,
                          .ended = true,
                          .events = second});
  return out;
}

sample_batch sample_batch::random(std::mt19937_64& source) {
  sample_batch out;
  auto number = [&](std::uint64_t low, std::uint64_t high) { return between(source, low, high); };
  auto id = [&] { return number(0, 3) == 0 ? id128{} : id128{source(), source()}; };
  auto text = [&](std::size_t low, std::size_t high) {
    std::string made(number(low, high), '\0');
    std::ranges::generate(made, [&] { return static_cast<char>(source()); });
    return out.keep(std::move(made));
  };
  auto type = [&] {
    return journal::type_ref{out.keep("type" + std::to_string(number(0, 200))), {number(0, 1), 7}};
  };

  auto source_or_none = [&]() -> std::optional<command_source> {
    if (number(0, 3) != 0) return std::nullopt;
    const auto at = number(1, 1ULL << number(0, 62));
    return command_source{
        number(1, 1ULL << 62), {at}, static_cast<std::uint16_t>(source()), {number(0, at - 1)}};
  };

  out.stamp_ = {id(), id(), static_cast<journal::partition_id>(source()), source(),
                id(), id(), static_cast<std::int64_t>(source())};
  for (auto commits = number(0, 30); commits > 0; --commits) {
    auto& events = out.events_.emplace_back();
    for (auto count = number(0, 12); count > 0; --count) events.push_back({type(), as_bytes(text(0, 70))});
    auto& headers = out.headers_.emplace_back();
    for (auto count = number(0, 3); count > 0; --count)
      headers.push_back({text(0, 20), as_bytes(text(0, 20))});
    bool has_reply = number(0, 1) == 1;
    out.commits_.push_back(
        {.category = out.keep("category-" + std::to_string(number(0, 5))),
         .key = text(1, 255),
         .first_sequence = number(1, 1ULL << number(0, 62)),
         .time_us = static_cast<std::int64_t>(source()),
         .command = id(),
         .body_hash = source(),
         .ended = number(0, 1) == 1,
         .after_expiry = number(0, 3) == 0,
         .has_reply = has_reply,
         .reply = has_reply ? journal::typed_bytes{type(), as_bytes(text(0, 40))} : journal::typed_bytes{},
         .headers = headers,
         .trace = id(),
         .causation = id(),
         .source = source_or_none(),
         .events = events});
  }
  return out;
}

std::shared_ptr<const bytes> sample_batch::seal() const {
  journal::batch_builder builder;
  for (const auto& commit : commits_) builder.add(commit);
  return builder.seal(stamp_);
}

namespace {

void expect_same_bytes(bytes_view wanted, bytes_view read) { EXPECT_TRUE(std::ranges::equal(wanted, read)); }

void expect_same_payload(const journal::record_view& in, const journal::typed_bytes& wanted,
                         std::uint16_t type, bytes_view payload) {
  EXPECT_EQ(in.type(type), wanted.type);
  expect_same_bytes(wanted.payload, payload);
  if (!payload.empty()) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(payload.data()) % 8, 0U);
  }
}

}  // namespace

void expect_same(const sample_batch& wanted, const journal::record_view& read) {
  const auto& a = wanted.stamp();
  const auto b = read.stamp();
  EXPECT_EQ(std::tie(a.lineage, a.incarnation, a.partition, a.epoch, a.id, a.previous, a.time_us),
            std::tie(b.lineage, b.incarnation, b.partition, b.epoch, b.id, b.previous, b.time_us));
  EXPECT_FALSE(read.is_claim());
  EXPECT_EQ(read.owner(), "");
  ASSERT_EQ(read.commit_count(), wanted.commits().size());
  std::uint32_t events = 0;
  for (std::uint32_t i = 0; i < read.commit_count(); ++i) {
    const auto& w = wanted.commits()[i];
    const auto r = read.commit_at(i);
    EXPECT_EQ(std::tie(w.category, w.key, w.first_sequence, w.time_us, w.command, w.body_hash, w.ended,
                       w.after_expiry, w.has_reply, w.trace, w.causation),
              std::tie(r.category, r.key, r.first_sequence, r.time_us, r.command, r.body_hash, r.ended,
                       r.after_expiry, r.has_reply, r.trace, r.causation));
    EXPECT_EQ(w.source, r.source);
    EXPECT_EQ(r.first_event, events);
    if (w.has_reply) expect_same_payload(read, w.reply, r.reply_type, r.reply);
    ASSERT_EQ(r.event_count, w.events.size());
    EXPECT_EQ(r.last_sequence(), w.first_sequence + w.events.size() - 1);
    for (std::uint32_t e = 0; e < r.event_count; ++e) {
      expect_same_payload(read, w.events[e], r.event(e).type, r.event(e).payload);
    }
    ASSERT_EQ(r.header_count, w.headers.size());
    for (std::uint32_t h = 0; h < r.header_count; ++h) {
      EXPECT_EQ(read.header(r, h).name, w.headers[h].name);
      expect_same_bytes(w.headers[h].value, read.header(r, h).value);
    }
    events += r.event_count;
  }
  EXPECT_EQ(read.event_count(), events);
}

}  // namespace quipu::test
