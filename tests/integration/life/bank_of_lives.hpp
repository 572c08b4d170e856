/// A runtime of the bank on a journal, and the program `quipu` beside it or after it.
#pragma once

#include <gtest/gtest.h>
#include <quipu/journal/open.hpp>
#include <quipu/runtime.hpp>

#include <filesystem>
#include <functional>
#include <list>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "bank_domain.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace quipu::test {

using nlohmann::json;
using words = std::vector<std::string>;

/// Where a journal is.
struct backend {
  std::string name;
  std::function<std::string(const std::filesystem::path& directory)> url;
  /// Why it can't be tested on this machine; nothing: it can.
  std::function<std::optional<std::string>()> missing = [] { return std::nullopt; };
};
inline void PrintTo(const backend& which, std::ostream* out) { *out << which.name; }
extern const backend embedded;
extern const backend jetstream;

/// Errors of the set-up end the test by exception.
class bank_of_lives : public testing::Test {
 protected:
  void use(const backend& where) { url_ = where.url(node_directory()); }
  void open();
  void close() { node_.reset(); }

  /// Asks and gives the answer; a command that was not accepted is an exception, unless `no` names the rejection.
  template <class C>
  answer<reply_of<samples::account, C>> ask(const std::string& key, C command, const ask_options& how = {},
                                            const std::string& no = {}) {
    auto got = node_->ask<samples::account>(key, std::move(command), how).get();
    if (!got) throw std::runtime_error(got.error().text);
    if (got->accepted() ? !no.empty() : got->rejected().code != no)
      throw std::runtime_error("an answer that was not expected");
    return std::move(*got);
  }
  /// 20, then 70, then 40 in the account.
  void write_a_life(const std::string& key);
  /// Appends a record with these commits to an embedded journal that nobody has open.
  record_number append(const journal::commit& commit, bool damaged = false);
  template <described_table E>
  journal::typed_bytes event(const E& from) {
    const auto packed = pack(from);
    kept_.emplace_back(packed.begin(), packed.end());
    return {{named_type_of<E>().name, named_type_of<E>().schema}, kept_.back()};
  }

  std::filesystem::path node_directory() const { return directory_ / "node"; }
  static words command(words arguments);
  static ending quipu(const words& arguments) { return run(command(arguments)); }
  /// With the bank's module at its end.
  static ending with_module(words arguments);

  temporary_directory directory_;
  std::string url_;
  std::optional<runtime> node_;

 private:
  std::list<bytes> kept_;
};

class on_both : public bank_of_lives, public testing::WithParamInterface<backend> {
 protected:
  void SetUp() override {
    if (auto reason = GetParam().missing()) GTEST_SKIP() << *reason;
    use(GetParam());
    open();
  }
};

std::vector<std::string> lines_of(const std::string& text);
std::vector<json> objects(const std::string& text);
inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace quipu::test
