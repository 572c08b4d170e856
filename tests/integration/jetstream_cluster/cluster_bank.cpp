#include "cluster_bank.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>

#include "journal_truth.hpp"
#include "support/nats_wire.hpp"
#include "support/seed.hpp"
#include "support/waiting.hpp"

namespace quipu::test {
namespace {

using namespace std::chrono_literals;
using json = nlohmann::json;

constexpr auto between_questions = 50ms;

/// Clients of the library that this member has. The fixture's own have no name.
std::size_t runtimes_at(const nats_server& member) {
  const auto text = member.running() ? member.monitor("/connz", 1s) : std::nullopt;
  const auto body = json::parse(text.value_or(""), nullptr, false);
  if (!body.is_object()) return 0;
  const auto all = body.value("connections", json::array());
  return static_cast<std::size_t>(
      std::ranges::count_if(all, [](const json& one) { return one.value("name", "") == "quipu"; }));
}

}  // namespace

void cluster_bank::SetUp() {
  QUIPU_SKIP_WITHOUT_NATS(nats_build::sid);
  cluster_ = std::make_unique<nats_cluster>();
  bank_ = open_another(false, "first");
  ASSERT_TRUE(bank_);
}

// In this order whatever happened: clients first, and servers that stand still can't be waited for.
void cluster_bank::TearDown() {
  if (cluster_)
    for (std::size_t i = 0; i < nats_cluster::size; ++i) cluster_->member(i).resume();
  if (bank_) bank_->close(1s);
  load_.reset();
  bank_.reset();
}

std::unique_ptr<runtime> cluster_bank::open_another(bool take_over, const std::string& directory) {
  options how;
  how.directory = here_ / directory;
  how.journal = cluster_->url(journal);
  how.partitions = partitions;
  how.replicas = 3;
  how.take_over = take_over;
  how.open_within = patience;
  how.owner = directory;
  how.on_notice = [this](const notice& what) {
    if (what.kind != notice_kind::superseded) return;
    const std::scoped_lock lock(guard_);
    superseded_.push_back(*what.partition);
  };
  auto opened = runtime::open(bank_domain(), std::move(how));
  if (opened) return std::make_unique<runtime>(std::move(*opened));
  ADD_FAILURE() << opened.error().text << "\n" << cluster_->logs();
  return nullptr;
}

void cluster_bank::start_load(load_options how) {
  how.outstanding = 32;
  load_ = std::make_unique<bank_load>(*bank_, record_, random_source(1), how);
  load_->start();
  ASSERT_TRUE(record_.wait_for_accepted(200, patience)) << record_.figures();
}

void cluster_bank::expect_recovery(const std::string& after_what) {
  const auto back = record_.wait_for_recovery(patience);
  ASSERT_TRUE(back) << "after " << after_what << ": " << record_.figures() << "\n" << cluster_->logs();
  std::printf("after %s: first new answer %lld ms, all partitions %lld ms\n", after_what.c_str(),
              static_cast<long long>(back->first.count()), static_cast<long long>(back->slowest.count()));
}

void cluster_bank::expect_true_books() {
  load_->finish();
  EXPECT_TRUE(load_->settle(patience)) << record_.figures();
  std::printf("%s\n", record_.figures().c_str());
  cluster_->wait_until_ready();  // an opening asks the cluster's own leader, too
  EXPECT_EQ(lies(record_, read_journal(cluster_->url(journal))), std::vector<std::string>{});
}

std::size_t cluster_bank::connected_to() {
  std::size_t found = 0;
  const auto connected = [&] {
    for (found = 0; found < nats_cluster::size; ++found)
      if (runtimes_at(cluster_->member(found)) > 0) return true;
    return false;
  };
  if (wait_until(connected, patience, between_questions)) return found;
  throw std::runtime_error("the runtime is connected to no member\n" + cluster_->logs());
}

void cluster_bank::move_leader(bool to_where_it_is_connected) {
  const auto where = connected_to();
  const auto moved = [&] {
    if ((leader() == where) == to_where_it_is_connected) return true;
    nats_request(cluster_->member(where).port(), std::string("$JS.API.STREAM.LEADER.STEPDOWN.") + journal,
                 "");
    return false;
  };
  if (!wait_until(moved, patience, between_questions))
    throw std::runtime_error("the stream's leader does not move\n" + cluster_->logs());
}

std::vector<std::size_t> cluster_bank::others(std::size_t than) {
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < nats_cluster::size; ++i)
    if (i != than) list.push_back(i);
  return list;
}

void cluster_bank::bring_back(std::size_t member) {
  cluster_->member(member).start();
  cluster_->wait_until_replicated(journal);
}

}  // namespace quipu::test
