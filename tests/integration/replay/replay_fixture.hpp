/// A journal of the bank, its live projections, and the program `quipu` beside them.
#pragma once

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "projector_fixture.hpp"
#include "support/process.hpp"

namespace quipu::test {

using nlohmann::json;
using arguments = std::vector<std::string>;

class replay_fixture : public projector_fixture {
 protected:
  void open(const std::string& url) {
    url_ = url;
    open_journal(url);
  }
  void open_embedded() { open("lmdb:" + (directory_ / "j").string()); }

  /// So many accounts, opened, with one deposit each; a record an account.
  void fill(int accounts) {
    for (int i = 0; i < accounts; ++i)
      last_ = writer_->append("a" + std::to_string(i), bank::OpenedT{.owner = "o" + std::to_string(i % 3)},
                              bank::DepositedT{.amount = i + 1});
  }
  /// Both projections live, up to date, and kept by nobody any more.
  void follow_once() { follow_once(*models_); }
  void follow_once(read_models& models) {
    const auto b = std::move(models.follow<samples::balances>(*journal_, quick()).value());
    const auto s = std::move(models.follow<samples::statement>(*journal_, quick()).value());
    wait_for(*b, last_);
    wait_for(*s, last_);
  }
  void expect_rows_of_an_undisturbed_run() {
    const temporary_directory apart;
    read_models undisturbed(apart.path());
    follow_once(undisturbed);
    for (const auto* what : both) EXPECT_EQ(dump(*models_, *what), dump(undisturbed, *what)) << what->name;
  }

  static arguments command(arguments words) {
    words.insert(words.begin(), QUIPU_PROGRAM);
    return words;
  }
  /// `quipu replay` in this directory with this journal.
  arguments replaying(arguments more) const {
    arguments words{"replay", "--module", QUIPU_BANK_MODULE, "--directory", directory_.path().string(), url_};
    words.insert(words.end(), more.begin(), more.end());
    return command(words);
  }
  ending replay(arguments more) const { return run(replaying(std::move(more))); }
  ending projection(arguments more) const {
    more.insert(more.begin(), "projection");
    more.insert(more.end(), {"--directory", directory_.path().string()});
    return run(command(more));
  }
  json status(const std::string& name) const {
    const auto done = projection({"status", "--journal", url_, "--json", "--projection", name});
    return json::parse(done.out);
  }
  static std::vector<json> objects(const std::string& text) {
    std::istringstream in(text);
    std::vector<json> all;
    for (std::string line; std::getline(in, line);) all.push_back(json::parse(line));
    return all;
  }
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  inline static const std::vector<const port::projection_type*> both{
      &projection_type_of<samples::balances>(), &projection_type_of<samples::statement>()};
  std::string url_;
  position last_;
};

}  // namespace quipu::test
