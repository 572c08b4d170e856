// A journal that is not what it was, and rows that are somebody else's: a clear error, and no step further.
#include "projector_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "support/process.hpp"
#include "wrapped_journal.hpp"

namespace quipu::test {
namespace {

using samples::balances;

/// A journal whose readers see what `change` makes of each record; nothing: it is gone.
class changed_journal final : public wrapped_journal {
 public:
  using change = std::function<std::optional<bytes>(record_number, bytes)>;
  changed_journal(journal& real, change how) : wrapped_journal(real), change_(std::move(how)) {}

 protected:
  std::unique_ptr<quipu::journal::cursor> wrapped(std::unique_ptr<quipu::journal::cursor> real) override {
    return std::make_unique<changed_cursor>(*this, std::move(real));
  }

 private:
  class changed_cursor final : public quipu::journal::cursor {
   public:
    changed_cursor(changed_journal& of, std::unique_ptr<cursor> real) : of_(of), real_(std::move(real)) {}
    quipu::journal::result<std::optional<quipu::journal::stored_record>> next() override {
      for (;;) {
        auto record = real_->next();
        if (!record || !*record) return record;
        auto changed = of_.change_((*record)->number, {(*record)->data.begin(), (*record)->data.end()});
        if (!changed) continue;
        const auto kept = std::make_shared<const bytes>(std::move(*changed));
        (*record)->data = *kept;
        (*record)->keep = kept;
        return record;
      }
    }

   private:
    changed_journal& of_;
    std::unique_ptr<cursor> real_;
  };
  change change_;
};

class trust : public projector_fixture {
 protected:
  void SetUp() override { open_journal("lmdb:" + (directory_ / "j").string()); }
  /// Why a projector on the changed journal fails.
  std::string failure_with(changed_journal::change how) {
    changed_journal changed(*journal_, std::move(how));
    auto follower = models_->follow<balances>(changed, quick());
    if (!follower) return follower.error().text;
    return wait_for_failure(**follower);
  }
  void write_three() {
    writer_->append("ada", bank::OpenedT{.owner = "Ada"});
    writer_->append("ada", bank::DepositedT{.amount = 1});
    last_ = writer_->append("ada", bank::DepositedT{.amount = 2});
  }
  position last_;
};

TEST_F(trust, a_damaged_record_is_named) {
  write_three();
  const auto why = failure_with([&](record_number number, bytes data) {
    if (number == last_.record()) data[data.size() / 2] ^= 1U;
    return std::optional(data);
  });
  EXPECT_NE(why.find("record " + std::to_string(last_.record())), std::string::npos) << why;
  // What comes before it took effect, and a whole copy of the journal mends the rest.
  EXPECT_EQ(balance("ada")->amount, 1);
  const auto follower = follow<balances>();
  wait_for(*follower, last_);
  EXPECT_EQ(balance("ada")->amount, 3);
  EXPECT_EQ(follower->status().applied, 1U);
}

TEST_F(trust, a_damaged_file_of_the_journal_stops_it_at_the_record) {
  write_three();
  const auto before = last_;
  const std::string words = "these words are changed on the disk";
  last_ = writer_->append("eve", bank::OpenedT{.owner = words});
  writer_->append("eve", bank::DepositedT{.amount = 1});
  writer_.reset();
  journal_.reset();
  std::string file;
  {
    std::ifstream in(directory_ / "j/data.mdb", std::ios::binary);
    file.assign(std::istreambuf_iterator(in), {});
  }
  auto at = file.find(words);
  ASSERT_NE(at, std::string::npos);
  for (; at != std::string::npos; at = file.find(words, at + 1)) file[at] = 'T';  // old pages may hold it too
  std::ofstream(directory_ / "j/data.mdb", std::ios::binary) << file;

  journal_ = journal::open("lmdb:" + (directory_ / "j").string()).value();
  const auto follower = follow<balances>();
  const auto why = wait_for_failure(*follower);
  EXPECT_NE(why.find("record " + std::to_string(last_.record())), std::string::npos) << why;
  EXPECT_NE(why.find("checksum"), std::string::npos) << why;
  EXPECT_EQ(follower->status().position, before) << "what comes before it took effect";
  EXPECT_EQ(balance("ada")->amount, 3);
  EXPECT_FALSE(balance("eve"));
}

TEST_F(trust, a_record_that_is_missing_in_the_middle_is_noticed) {
  write_three();
  const auto why = failure_with([&](record_number number, bytes data) {
    return number == last_.record() - 1 ? std::nullopt : std::optional(data);
  });
  EXPECT_NE(why.find("does not follow"), std::string::npos) << why;
}

TEST_F(trust, a_journal_that_is_shorter_than_the_position_stops_it) {
  write_three();
  wait_for(*follow<balances>(), last_);
  const auto why = failure_with([&](record_number number, bytes data) {
    return number == last_.record() ? std::nullopt : std::optional(data);
  });
  EXPECT_NE(why.find("ends before it"), std::string::npos) << why;
}

TEST_F(trust, a_journal_that_was_cut_back_and_written_on_stops_it) {
  writer_->append("ada", bank::OpenedT{.owner = "Ada"});
  writer_.reset();
  journal_.reset();
  std::filesystem::copy(directory_ / "j", directory_ / "older", std::filesystem::copy_options::recursive);
  open_journal("lmdb:" + (directory_ / "j").string());
  wait_for(*follow<balances>(), writer_->append("ada", bank::DepositedT{.amount = 1}));
  open_journal("lmdb:" + (directory_ / "older").string());
  writer_->append("ada", bank::DepositedT{.amount = 5});
  writer_->append("ada", bank::DepositedT{.amount = 6});
  const auto follower = follow<balances>();
  const auto why = wait_for_failure(*follower);
  EXPECT_NE(why.find("cut back"), std::string::npos) << why;
  EXPECT_EQ(balance("ada")->amount, 1);
  // What the journal is now is rebuilt from it, and promoted although it may be behind.
  const auto rebuilt = std::move(models_->rebuild<balances>(*journal_, quick()).value());
  wait_for(*rebuilt, writer_->append("ada", bank::DepositedT{.amount = 7}));
  ASSERT_TRUE(models_->promote<balances>(rebuilt->generation(), {.backward = true}));
  EXPECT_EQ(balance("ada")->amount, 18);
}

TEST_F(trust, a_record_that_comes_twice_takes_effect_once) {
  write_three();
  // Every record is handed out twice, one after the other.
  class stutter final : public journal::cursor {
   public:
    explicit stutter(std::unique_ptr<cursor> real) : real_(std::move(real)) {}
    journal::result<std::optional<journal::stored_record>> next() override {
      if (auto again = std::exchange(again_, std::nullopt)) return again;
      auto record = real_->next();
      if (record && *record) again_ = **record;
      return record;
    }

   private:
    std::unique_ptr<cursor> real_;
    std::optional<journal::stored_record> again_;
  };
  class twice final : public wrapped_journal {
   public:
    using wrapped_journal::wrapped_journal;

   protected:
    std::unique_ptr<quipu::journal::cursor> wrapped(std::unique_ptr<quipu::journal::cursor> real) override {
      return std::make_unique<stutter>(std::move(real));
    }
  };
  twice doubled(*journal_);
  const auto follower = std::move(models_->follow<balances>(doubled, quick()).value());
  wait_for(*follower, last_);
  EXPECT_EQ(follower->status().applied, 3U);
  EXPECT_EQ(balance("ada")->amount, 3);
}

TEST_F(trust, rows_of_another_journal_are_not_used) {
  write_three();
  wait_for(*follow<balances>(), last_);
  open_journal("memory:");
  const auto other = models_->follow<balances>(*journal_);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, journal::failure_kind::unsupported);
  EXPECT_NE(other.error().text.find(journal_->about().incarnation.hex()), std::string::npos)
      << other.error().text;
  EXPECT_EQ(other.error().code, error_code::projection_other_journal);
}

// The same name, another version; and the same with other rows.
struct next_balances : balances {
  static constexpr int version = 2;
};
struct other_tables : balances {
  using tables = quipu::tables<quipu::table<"accounts", std::string, bank::BalanceRowT>>;
  static void on(const auto&, const quipu::envelope&, tables&) {}
};

TEST_F(trust, rows_of_another_version_are_rebuilt_and_not_used) {
  write_three();
  auto live = follow<balances>();
  wait_for(*live, last_);
  live.reset();
  const auto newer = models_->follow<next_balances>(*journal_);
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().text.find("version 1"), std::string::npos) << newer.error().text;
  EXPECT_FALSE(models_->follow<other_tables>(*journal_));
  // Beside the old ones, which are read until then.
  const auto rebuilt = std::move(models_->rebuild<next_balances>(*journal_, quick()).value());
  wait_for(*rebuilt, last_);
  EXPECT_EQ(balance("ada")->amount, 3);
  ASSERT_TRUE(models_->promote<next_balances>(rebuilt->generation()));
  EXPECT_EQ(
      models_->read<next_balances>([](const balances::tables& t) { return t.get<balances::accounts>("ada"); })
          .value()
          ->amount,
      3);
  EXPECT_FALSE(models_->read<balances>([](const balances::tables&) {}));
}

TEST_F(trust, one_holder_a_projection) {
  const auto first = follow<balances>();
  const auto here = models_->follow<balances>(*journal_);
  ASSERT_FALSE(here);
  EXPECT_EQ(here.error().kind, journal::failure_kind::locked);
  EXPECT_NE(here.error().text.find(std::to_string(::getpid())), std::string::npos) << here.error().text;
}

TEST_F(trust, a_holder_in_another_process_is_named) {
  write_three();
  writer_.reset();
  journal_.reset();
  const auto url = "lmdb:" + (directory_ / "j").string();
  process holder({QUIPU_PROJECTION_WORKER, "follow", directory_.path().string(), url, "1000"});
  ASSERT_EQ(holder.read_line(), "following");
  journal_ = journal::open(url, {.mode = journal::access::read}).value();
  const auto second = models_->follow<balances>(*journal_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, journal::failure_kind::locked);
  EXPECT_NE(second.error().text.find(std::to_string(holder.id())), std::string::npos) << second.error().text;
  EXPECT_NE(second.error().text.find("balances"), std::string::npos) << second.error().text;
  // Reading beside it is fine.
  ASSERT_TRUE(holder.read_line().has_value());  // "caught up"
  EXPECT_EQ(balance("ada")->amount, 3);
}

}  // namespace
}  // namespace quipu::test
