/// A node with a reaction, opened as often as a test likes.
#pragma once

#include <gtest/gtest.h>
#include <quipu/reactions/reactor.hpp>
#include <quipu/runtime.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reaction_journal.hpp"
#include "relay_domain.hpp"
#include "support/temporary_directory.hpp"

namespace quipu::test {

using namespace std::chrono_literals;

/// A test that needs all of it has failed.
inline constexpr auto patience = 60s;

class reaction_fixture : public testing::Test {
 protected:
  using numbers = std::vector<std::int64_t>;

  ~reaction_fixture() override {
    the_mischief.clear();
    close();
  }
  void use(std::string url) {
    url_ = std::move(url);
    the_mischief.clear();
    open();
  }
  /// Node and reaction.
  void open(const reactor_options& how = quick(), options node = {}) {
    open_node(std::move(node));
    auto opened = react<carrier>(*models_, *node_, how);
    if (!opened) throw std::runtime_error("react: " + opened.error().text);
    reactor_ = std::move(*opened);
  }
  void open_node(options node = {}) {
    node.directory = directory_ / "node";
    node.journal = url_;
    node.partitions = 4;
    node.threads = 2;
    node.log.level = log_level::off;
    auto opened = runtime::open(relay_domain(), std::move(node));
    if (!opened) throw std::runtime_error("open: " + opened.error().text);
    node_.emplace(std::move(*opened));
    models_ = std::make_unique<read_models>(directory_ / "node");
  }
  void close() {
    reactor_.reset();
    models_.reset();
    node_.reset();
  }
  /// Small waits, so that tests are quick.
  static reactor_options quick() {
    reactor_options how;
    how.follow.first_wait = 1ms;
    how.follow.look_again = 2ms;
    how.longest_wait = 20ms;
    return how;
  }

  /// The desk "d" sends a number; the position of its event.
  position send(const std::string& to, std::int64_t number, bool back = false, bool poison = false) {
    auto sent =
        node_->ask<desk>("d", relay::SendT{.to = to, .number = number, .back = back, .poison = poison}).get();
    if (!sent || !sent->accepted()) throw std::runtime_error("send");
    return sent->position;
  }
  void wait_for(position at) {
    const auto done = reactor_->wait_for(at, patience);
    ASSERT_TRUE(done) << done.error().text;
  }
  /// What the box has, in the order in which it took it.
  numbers in(const std::string& key) { return list<box>(key); }
  numbers given_back() { return list<desk>("d"); }
  template <class F>
  void await(F&& holds, const char* what) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
      ASSERT_LT(std::chrono::steady_clock::now(), until) << what << ": " << reactor_->status().text;
      std::this_thread::sleep_for(1ms);
    }
  }

  temporary_directory directory_;
  std::string url_;
  std::optional<runtime> node_;
  std::unique_ptr<read_models> models_;
  std::unique_ptr<reactor> reactor_;

 private:
  template <class A>
  numbers list(const std::string& key) {
    const auto now = node_->read<A>(key).get();
    if (!now) throw std::runtime_error("read: " + now.error().text);
    return now->accepted() ? (*now)->list : numbers{};
  }
};

class reacting_on : public reaction_fixture, public testing::WithParamInterface<reaction_journal> {
 protected:
  void SetUp() override {
    if (auto reason = GetParam().missing()) GTEST_SKIP() << *reason;
    use(GetParam().url(directory_.path()));
  }
};

}  // namespace quipu::test
