// The files of a read model, missing, copied, damaged or not to be written: an error with a cure, and nothing that goes
// back or begins anew without being told to.
#include "projector_fixture.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace quipu::test {
namespace {

using samples::balances;
namespace fs = std::filesystem;

class own_files : public projector_fixture {
 protected:
  void SetUp() override {
    open_journal("lmdb:" + (directory_ / "j").string());
    writer_->append("ada", bank::OpenedT{.owner = "Ada"});
    last_ = writer_->append("ada", bank::DepositedT{.amount = 3});
    wait_for(*follow<balances>(), last_);
    forget();
  }
  /// As a program that starts.
  void forget() { models_ = std::make_unique<read_models>(directory_.path()); }
  void write(const fs::path& file, std::string_view text) { std::ofstream(file, std::ios::trunc) << text; }
  /// Why it can't be followed.
  journal::failure refusal() {
    forget();
    const auto follower = models_->follow<balances>(*journal_, quick());
    if (follower) throw std::runtime_error("it is followed");
    return follower.error();
  }
  journal::failure read_refusal() {
    forget();
    const auto read = models_->read<balances>([](const balances::tables&) {});
    if (read) throw std::runtime_error("it is read");
    return read.error();
  }
  void rebuild_and_promote() {
    const auto rebuilt = models_->rebuild<balances>(*journal_, quick());
    ASSERT_TRUE(rebuilt) << rebuilt.error().text;
    wait_for(**rebuilt, last_);
    const auto promoted = models_->promote<balances>((*rebuilt)->generation());
    ASSERT_TRUE(promoted) << promoted.error().text;
    EXPECT_EQ(balance("ada")->amount, 3);
  }
  static bool has(const std::string& text, const fs::path& part) {
    return text.find(part.string()) != std::string::npos;
  }

  const fs::path home_ = directory_ / "read-models/balances";
  position last_;
};

TEST_F(own_files, without_the_live_file_a_first_generation_is_taken_up_again) {
  fs::remove(home_ / "live");
  EXPECT_EQ(read_refusal().code, error_code::projection_not_kept);
  const auto follower = follow<balances>();
  wait_for(*follower, last_);
  EXPECT_EQ(follower->status().applied, 0U) << "it went on where it was";
  EXPECT_EQ(models_->live("balances"), 1U);
}

TEST_F(own_files, without_the_live_file_nobody_guesses_among_several) {
  rebuild_and_promote();
  fs::remove(home_ / "live");
  const auto why = refusal();
  EXPECT_EQ(why.code, error_code::projection_not_kept);
  EXPECT_TRUE(has(why.text, "(1, 2)") && has(why.text, "promote")) << why.text;
  ASSERT_TRUE(models_->promote<balances>(2));
  EXPECT_EQ(balance("ada")->amount, 3);
  wait_for(*follow<balances>(), last_);
}

TEST_F(own_files, a_live_file_that_names_nothing_is_no_beginning) {
  write(home_ / "live", "7\n");
  for (const auto& why : {refusal(), read_refusal()}) {
    EXPECT_EQ(why.code, error_code::projection_not_kept) << why.text;
    EXPECT_TRUE(has(why.text, home_ / "7") && has(why.text, home_ / "live")) << why.text;
  }
  EXPECT_FALSE(fs::exists(home_ / "7")) << "looking made it";
  // What was skipped there is not known, so a rebuild does not begin by itself either; a generation that is there may
  // be promoted, or the file removed.
  EXPECT_EQ(models_->rebuild<balances>(*journal_).error().code, error_code::projection_not_kept);
  EXPECT_EQ(models_->promote<balances>(1).error().code, error_code::projection_not_kept);
  EXPECT_EQ(models_->promote<balances>(9, {.backward = true}).error().code, error_code::projection_not_kept);
  ASSERT_TRUE(models_->promote<balances>(1, {.backward = true}));
  EXPECT_EQ(balance("ada")->amount, 3);
  write(home_ / "live", "7\n");
  fs::remove(home_ / "live");
  forget();
  rebuild_and_promote();
}

TEST_F(own_files, a_live_file_with_something_else_is_named) {
  for (const char* text : {"", "0", "-1", "two", "1 2", "99999999999"}) {
    write(home_ / "live", text);
    for (const auto& why : {refusal(), read_refusal()}) {
      EXPECT_EQ(why.code, error_code::projection_damaged) << text;
      EXPECT_TRUE(has(why.text, home_ / "live")) << why.text;
    }
  }
}

TEST_F(own_files, garbage_is_named_and_a_rebuild_cures_it) {
  const auto file = home_ / "1/data.mdb";
  const auto size = fs::file_size(file);
  for (const bool whole : {true, false}) {
    if (whole)
      write(file, std::string(size, 'z'));
    else
      fs::resize_file(file, 5000);
    for (const auto& why : {refusal(), read_refusal()}) {
      EXPECT_EQ(why.kind, journal::failure_kind::corrupt) << why.text;
      EXPECT_TRUE(has(why.text, file) && has(why.text, "remove " + (home_ / "live").string())) << why.text;
    }
    const auto rebuilt = models_->rebuild<balances>(*journal_);
    ASSERT_FALSE(rebuilt) << "what was skipped is given up without a word";
    EXPECT_TRUE(has(rebuilt.error().text, "skipped")) << rebuilt.error().text;
    EXPECT_EQ(fs::file_size(file), whole ? size : 5000) << "it was written to";
  }
  fs::remove(home_ / "live");
  forget();
  rebuild_and_promote();
  EXPECT_EQ(models_->live("balances"), 2U);
}

TEST_F(own_files, a_generation_that_was_emptied_does_not_begin_anew) {
  fs::remove(home_ / "1/data.mdb");
  EXPECT_EQ(refusal().code, error_code::projection_not_kept);
  write(home_ / "1/data.mdb", "");
  EXPECT_EQ(refusal().kind, journal::failure_kind::corrupt);
}

// Killed while it was made for the first time: nothing names it yet.
TEST_F(own_files, half_a_first_generation_is_made_again) {
  fs::remove(home_ / "live");
  write(home_ / "1/data.mdb", "");
  wait_for(*follow<balances>(), last_);
  EXPECT_EQ(balance("ada")->amount, 3);
}

TEST_F(own_files, a_copy_of_the_directory_goes_on_from_where_it_was_copied) {
  fs::create_directory(directory_ / "copy");
  fs::copy(directory_ / "read-models", directory_ / "copy/read-models", fs::copy_options::recursive);
  const auto later = writer_->append("ada", bank::DepositedT{.amount = 4});
  const auto original = follow<balances>();
  wait_for(*original, later);
  read_models copied(directory_ / "copy");
  const auto beside = std::move(copied.follow<balances>(*journal_, quick()).value());
  wait_for(*beside, later);
  EXPECT_EQ(beside->status().applied, 1U);
  EXPECT_EQ(dump(copied, projection_type_of<balances>()), dump(*models_, projection_type_of<balances>()));
}

TEST_F(own_files, two_objects_of_one_process_do_not_keep_it_twice) {
  const auto holder = follow<balances>();
  read_models other(directory_.path());
  const auto second = other.follow<balances>(*journal_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, journal::failure_kind::locked);
  EXPECT_TRUE(has(second.error().text, std::to_string(::getpid()))) << second.error().text;
  EXPECT_TRUE(has(second.error().text, "balances")) << second.error().text;
}

// Root may write everywhere; this thread and those that it starts are somebody else for a while.
class nobody {
 public:
  nobody() {
    if (::geteuid() == 0) was_root_ = ::seteuid(65534) == 0;
  }
  ~nobody() {
    if (was_root_) [[maybe_unused]]
      const int back = ::seteuid(0);
  }
  nobody(const nobody&) = delete;
  nobody& operator=(const nobody&) = delete;

 private:
  bool was_root_ = false;
};

TEST_F(own_files, a_directory_that_cannot_be_written_is_named) {
  fs::permissions(directory_.path(), fs::perms(0755));
  for (const auto& at : fs::recursive_directory_iterator(home_))
    fs::permissions(at, fs::perms(at.is_directory() ? 0555 : 0444));
  fs::permissions(home_, fs::perms(0555));
  {
    const nobody now;
    const auto why = refusal();
    EXPECT_EQ(why.code, error_code::storage_permission) << why.text;
    EXPECT_TRUE(has(why.text, home_ / "1") && has(why.text, "permissions")) << why.text;
    const auto rebuilt = models_->rebuild<balances>(*journal_);
    ASSERT_FALSE(rebuilt);
    EXPECT_TRUE(has(rebuilt.error().text, "permissions")) << rebuilt.error().text;
    const auto promoted = models_->promote<balances>(1);
    EXPECT_TRUE(promoted) << "it is live already, and nothing is to be written";
  }
  fs::permissions(home_, fs::perms(0755));
  for (const auto& at : fs::recursive_directory_iterator(home_))
    fs::permissions(at, fs::perms(at.is_directory() ? 0755 : 0644));
  forget();
  wait_for(*follow<balances>(), last_);
}

}  // namespace
}  // namespace quipu::test
