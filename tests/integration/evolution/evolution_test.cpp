#include <flatbuffers/idl.h>
#include <gtest/gtest.h>
#include <quipu/journal/record.hpp>
#include <quipu/projections/read_models.hpp>
#include <quipu/runtime.hpp>
#include <quipu/testing.hpp>

#include <fstream>
#include <sstream>

#include "memory/memory_journal.hpp"
#include "support/temporary_directory.hpp"
#include "wallet_v3.hpp"

namespace evolution_test {
namespace {

using quipu::bytes;

bytes from_hex(std::string_view hex) {
  bytes out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}

/// The journal that version 1 wrote, with every byte as it was.
std::unique_ptr<quipu::journal::journal> journal_of_v1() {
  std::ifstream file(QUIPU_JOURNAL_OF_V1);
  std::unique_ptr<quipu::journal::journal> made;
  quipu::record_number tail = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string what;
    std::string first;
    std::string second;
    words >> what >> first >> second;
    if (what == "header") {
      const auto about = quipu::journal::decode_header(from_hex(first)).value();
      made = std::make_unique<quipu::journal::memory::memory_journal>(
          quipu::journal::memory::options{.how = {.partitions = about.partitions}, .about = about});
    } else if (what == "schema") {
      EXPECT_TRUE(made->put_schema({*quipu::id128::from_hex(first), from_hex(second)}));
    } else {
      made->append(0, tail, std::make_shared<const bytes>(from_hex(first)),
                   [&](const auto& how) { tail = how.number; });
    }
  }
  EXPECT_EQ(tail, 5U);  // a claim and four commands
  return made;
}

template <class... A>
quipu::result<quipu::runtime> open(const quipu::test::temporary_directory& directory,
                                   std::unique_ptr<quipu::journal::journal> log) {
  return quipu::runtime::open(quipu::domain{"wallets", quipu::entities<A...>}, std::move(log),
                              {.directory = directory.path()});
}

TEST(evolution, version_3_reads_what_version_1_wrote_and_goes_on) {
  const quipu::test::temporary_directory directory;
  auto rt = open<wallet_v3>(directory, journal_of_v1());
  ASSERT_TRUE(rt) << rt.error().text;
  const auto ada = rt->read<wallet_v3>("ada").get().value();
  EXPECT_EQ(ada->cents, 3000);  // 10 + 25 - 5 euros
  EXPECT_EQ(ada->currency, "EUR");
  EXPECT_EQ(ada.sequence, 3U);
  EXPECT_EQ(rt->read<wallet_v3>("bob").get().value()->cents, 700);
  const auto spent = rt->ask<wallet_v3>("ada", wallet::SpendT{.cents = 150}).get().value();
  EXPECT_TRUE(spent.accepted());
  EXPECT_EQ(spent.sequence, 4U);
  EXPECT_EQ(rt->read<wallet_v3>("ada").get().value()->cents, 2850);
}

/// Version 1 answered with its total, version 3 answers nothing: the stored answer is not taken for what it is not.
TEST(evolution, a_repeat_whose_answer_had_another_type_is_known_and_not_executed) {
  constexpr quipu::command_id id_of_spend{0x019db9a8'0000'7000ULL,
                                          0x8000'0000'0000'0001ULL};  // wallet_v1.hpp
  const quipu::test::temporary_directory directory;
  auto rt = open<wallet_v3>(directory, journal_of_v1());
  ASSERT_TRUE(rt) << rt.error().text;
  const auto again = rt->ask<wallet_v3>("ada", wallet::SpendT{.cents = 5}, {.command = id_of_spend}).get();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, quipu::error_kind::conflict);
  EXPECT_NE(again.error().text.find("took effect, as event 3 of wallet/ada"), std::string::npos)
      << again.error().text;
  EXPECT_EQ(rt->read<wallet_v3>("ada").get().value()->cents, 3000);
}

TEST(evolution, the_test_kit_takes_old_events) {
  quipu::testing::given<wallet_v3>(
      {wallet::FilledT{.euros = 2}, wallet::Filled2T{.cents = 50}, wallet::SpentT{.euros = 1}})
      .when(wallet::SpendT{.cents = 30})
      .then({wallet::SpentT{.cents = 30}})
      .leaves([] {
        wallet::WalletT left;
        left.cents = 120;
        left.currency = "EUR";
        return left;
      }());
}

/// Version 3, but somebody forgot what the events were called.
struct forgetful : wallet_v3 {
  using renamed = quipu::types<>;
  template <class R = quipu::none>
  using decision = quipu::decision<forgetful, R>;
  using commands = quipu::types<>;
};

TEST(evolution, an_unknown_event_stops_the_partition_by_name) {
  const quipu::test::temporary_directory directory;
  auto rt = open<forgetful>(directory, journal_of_v1());
  ASSERT_FALSE(rt);
  EXPECT_EQ(rt.error().kind, quipu::error_kind::corrupt);
  EXPECT_NE(rt.error().text.find("unknown type wallet.Taken"), std::string::npos) << rt.error().text;
  EXPECT_NE(rt.error().text.find("guide-evolution"), std::string::npos) << rt.error().text;
}

/// One who says what is to become of it.
struct tolerant : forgetful {
  using forgetful::evolve;
  static void evolve(state& w, const quipu::unknown_event& e) {
    if (e.type == "wallet.Taken") w.currency += "?";
  }
};

TEST(evolution, an_unknown_event_goes_to_the_handler_that_the_author_chose) {
  const quipu::test::temporary_directory directory;
  auto rt = open<tolerant>(directory, journal_of_v1());
  ASSERT_TRUE(rt) << rt.error().text;
  const auto ada = rt->read<tolerant>("ada").get().value();
  EXPECT_EQ(ada->currency, "EUR?");
  EXPECT_EQ(ada->cents, 3500);
}

TEST(evolution, a_changed_field_is_named_before_anything_is_read) {
  const quipu::test::temporary_directory directory;
  auto log = journal_of_v1();
  flatbuffers::Parser parser;
  ASSERT_TRUE(parser.Parse("namespace wallet; table Filled3 { currency: string; cents: long; }"));
  parser.Serialize();
  const bytes other(parser.builder_.GetBufferPointer(),
                    parser.builder_.GetBufferPointer() + parser.builder_.GetSize());
  ASSERT_TRUE(log->put_schema({quipu::journal::schema_hash(other).value(), other}));
  auto rt = open<wallet_v3>(directory, std::move(log));
  ASSERT_FALSE(rt);
  EXPECT_EQ(rt.error().kind, quipu::error_kind::invalid);
  EXPECT_NE(rt.error().text.find("wallet.Filled3.currency was field number 0 and is number 1"),
            std::string::npos)
      << rt.error().text;
}

/// Another entity of a later program, which this one does not run.
TEST(evolution, types_of_entities_that_a_program_does_not_run_do_not_stop_it) {
  const quipu::test::temporary_directory directory;
  auto log = journal_of_v1();
  quipu::journal::batch_builder builder;
  const bytes payload{1, 2, 3, 4};
  const quipu::journal::typed_bytes event{.type = {.name = "later.Event", .schema = {7, 7}},
                                          .payload = payload};
  builder.add({.category = "later", .key = "one", .first_sequence = 1, .events = {&event, 1}});
  std::optional<quipu::journal::stored_record> last;
  log->tail(0, [&](auto found) { last = std::move(*found); });
  const auto newest = quipu::journal::record_view::decode(last->data).value();
  auto record = builder.seal({.lineage = log->about().lineage,
                              .incarnation = log->about().incarnation,
                              .partition = 0,
                              .epoch = newest.stamp().epoch,
                              .id = {9, 9},
                              .previous = newest.sum(),
                              .time_us = newest.stamp().time_us});
  log->append(0, last->number, record, [](const auto& how) { EXPECT_GT(how.number, 0U); });
  auto rt = open<wallet_v3>(directory, std::move(log));
  ASSERT_TRUE(rt) << rt.error().text;
  EXPECT_EQ(rt->read<wallet_v3>("ada").get().value()->cents, 3000);
}

/// What is in each wallet, by today's events alone.
struct purses {
  static constexpr std::string_view name = "purses";
  using entities = quipu::types<wallet_v3>;
  using events = quipu::types<wallet::Filled3T, wallet::SpentT>;
  using by_key = quipu::table<"purses", std::string, wallet::WalletT>;
  using tables = quipu::tables<by_key>;
  static void on(const wallet::Filled3T& e, const quipu::envelope& from, tables& t) {
    t.update<by_key>(from.key, [&](auto& row) { row.cents += e.cents, row.currency = e.currency; });
  }
  static void on(const wallet::SpentT& e, const quipu::envelope& from, tables& t) {
    t.update<by_key>(from.key, [&](auto& row) { row.cents -= e.cents + e.euros * 100; });
  }
};

TEST(evolution, a_projection_sees_old_events_as_they_are_today) {
  const quipu::test::temporary_directory directory;
  const auto log = journal_of_v1();
  quipu::read_models models(directory.path());
  const auto follower = std::move(models.follow<purses>(*log).value());
  const auto done = follower->wait_for(quipu::position::start_of(5), std::chrono::minutes(1));
  ASSERT_TRUE(done) << done.error().text;
  const auto ada = models.read<purses>([](const purses::tables& t) { return t.get<purses::by_key>("ada"); });
  EXPECT_EQ((*ada)->cents, 3000);
  EXPECT_EQ((*ada)->currency, "EUR");
}

TEST(evolution, a_projection_stops_before_it_reads_a_changed_field_wrongly) {
  const quipu::test::temporary_directory directory;
  const auto log = journal_of_v1();
  flatbuffers::Parser parser;
  ASSERT_TRUE(parser.Parse("namespace wallet; table Filled3 { currency: string; cents: long; }"));
  parser.Serialize();
  const bytes other(parser.builder_.GetBufferPointer(),
                    parser.builder_.GetBufferPointer() + parser.builder_.GetSize());
  const auto hash = quipu::journal::schema_hash(other).value();
  ASSERT_TRUE(log->put_schema({hash, other}));
  std::optional<quipu::journal::stored_record> last;
  log->tail(0, [&](auto found) { last = std::move(*found); });
  const auto newest = quipu::journal::record_view::decode(last->data).value();
  const bytes payload(16);
  const quipu::journal::typed_bytes event{.type = {.name = "wallet.Filled3", .schema = hash},
                                          .payload = payload};
  quipu::journal::batch_builder builder;
  builder.add({.category = "wallet", .key = "ada", .first_sequence = 4, .events = {&event, 1}});
  log->append(0, last->number,
              builder.seal({.lineage = log->about().lineage,
                            .incarnation = log->about().incarnation,
                            .partition = 0,
                            .epoch = newest.stamp().epoch,
                            .id = {9, 9},
                            .previous = newest.sum(),
                            .time_us = newest.stamp().time_us}),
              [](const auto& how) { EXPECT_GT(how.number, 0U); });
  quipu::read_models models(directory.path());
  const auto follower = std::move(models.follow<purses>(*log).value());
  const auto done = follower->wait_for(quipu::position::start_of(6), std::chrono::minutes(1));
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().text.find("wallet/ada@4"), std::string::npos) << done.error().text;
  EXPECT_NE(done.error().text.find("wallet.Filled3.currency was field number 0 and is number 1"),
            std::string::npos)
      << done.error().text;
}

}  // namespace
}  // namespace evolution_test
