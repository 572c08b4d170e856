/// A journal, a diary of it in this directory, and the program `quipu`.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "diary.hpp"
#include "projector_fixture.hpp"
#include "support/process.hpp"

namespace quipu::test {

using nlohmann::json;
using arguments = std::vector<std::string>;

class models_fixture : public projector_fixture {
 protected:
  /// Of no terminal's and no shell's liking, and with every sign that divides parts.
  inline static const std::string hostile{"e\x1b[31m, (\\\xff)\n"};

  models_fixture() { ::setenv("DIARY_INK", ink().c_str(), 1); }
  ~models_fixture() override { ::unsetenv("DIARY_INK"); }

  void SetUp() override { open("lmdb:" + (directory_ / "j").string()); }
  void open(const std::string& url) {
    url_ = url;
    open_journal(url);
  }
  std::filesystem::path ink() const { return directory_ / "ink"; }
  void buy_ink() const { std::ofstream(ink()) << "ink"; }

  /// ada's third event is a dead letter, and her fourth waits behind it; bob and the hostile one have no trouble.
  void write() {
    writer_->append("ada", bank::OpenedT{.owner = "Ada"}, bank::DepositedT{.amount = 5});
    writer_->append("ada", bank::DepositedT{.amount = 13});
    writer_->append("bob", bank::OpenedT{.owner = "Bob"}, bank::DepositedT{.amount = 300});
    writer_->append(hostile, bank::OpenedT{.owner = "Ada"}, bank::DepositedT{.amount = -7});
    last_ = writer_->append("ada", bank::DepositedT{.amount = 7});
  }
  /// Kept once, and by nobody any more.
  void follow_once() { wait_for(*follow<diary>(), last_); }

  ending quipu(arguments words) const {
    words.insert(words.begin(), QUIPU_PROGRAM);
    words.insert(words.end(), {"--directory", directory_.path().string()});
    return run(words);
  }
  ending letters(arguments words) const {
    words.insert(words.begin(), "dead-letter");
    return quipu(std::move(words));
  }
  ending rows(arguments words) const {
    words.insert(words.begin(), {"projection", "rows"});
    return quipu(std::move(words));
  }
  /// In a process of its own, when it says that it follows.
  void keep(process& keeper) { ASSERT_EQ(keeper.read_line(), "following"); }
  arguments keeping() const { return {QUIPU_DIARY_KEEPER, directory_.path().string(), url_}; }

  static std::vector<json> objects(const std::string& text) {
    std::istringstream in(text);
    std::vector<json> all;
    for (std::string line; std::getline(in, line);) all.push_back(json::parse(line));
    return all;
  }
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  std::string owner_and_amount(const std::string& key) {
    return models_
        ->read<diary>([&](const diary::tables& t) {
          const auto row = t.get<diary::people>(key);
          return row ? row->owner + " " + std::to_string(row->amount) : "";
        })
        .value();
  }

  std::string url_;
  position last_;
};

}  // namespace quipu::test
