#include "bank_of_lives.hpp"

#include <future>
#include <sstream>
#include <stdexcept>

#include "support/nats_server.hpp"

namespace quipu::test {
namespace {

/// One server for all tests of this process; each test has a journal of its own.
std::string on_a_server(const std::filesystem::path& directory) {
  static nats_server server;
  server.start();
  return server.url(directory.parent_path().filename().string());
}

std::optional<std::string> no_server() {
  auto found = find_nats_build(nats_build::installed);
  return found.program ? std::nullopt : std::optional(found.reason);
}

}  // namespace

const backend embedded{"lmdb",
                       [](const auto& directory) { return "lmdb:" + (directory / "journal").string(); }};
const backend jetstream{"nats", on_a_server, no_server};

void bank_of_lives::open() {
  options how;
  how.directory = node_directory();
  how.journal = url_;
  how.partitions = 4;
  how.threads = 1;
  how.log.level = log_level::off;
  auto opened = runtime::open(samples::bank_domain(), std::move(how));
  if (!opened) throw std::runtime_error(opened.error().text);
  node_.emplace(std::move(*opened));
}

void bank_of_lives::write_a_life(const std::string& key) {
  ask(key, bank::OpenT{.owner = "ada"});
  ask(key, bank::DepositT{.amount = 20});
  ask(key, bank::DepositT{.amount = 50}, {.headers = {{"tenant", "acme"}}});
  ask(key, bank::WithdrawT{.amount = 30});
}

record_number bank_of_lives::append(const journal::commit& commit, bool damaged) {
  auto opened = journal::open(url_);
  if (!opened) throw std::runtime_error(opened.error().text);
  auto& to = **opened;
  const auto partition =
      journal::partition_of(journal::entity_hash(commit.category, commit.key), to.about().partitions);
  std::promise<record_number> tail;
  std::uint64_t epoch = 1;
  checksum previous;
  to.tail(partition, [&](auto found) {
    const bool any = found && *found;
    if (any) {
      if (const auto view = journal::record_view::decode((*found)->data)) {
        epoch = view->stamp().epoch;
        previous = view->sum();
      }
    }
    tail.set_value(any ? (*found)->number : 0);
  });
  const auto expected = tail.get_future().get();
  journal::batch_builder builder;
  builder.add(commit);
  auto record = std::make_shared<bytes>(*builder.seal({.lineage = to.about().lineage,
                                                       .incarnation = to.about().incarnation,
                                                       .partition = partition,
                                                       .epoch = epoch,
                                                       .id = id128::random(),
                                                       .previous = previous,
                                                       .time_us = commit.time_us}));
  if (damaged) record->at(record->size() / 2) ^= 1U;
  std::promise<journal::append_result> done;
  to.append(partition, expected, record,
            [&](journal::append_result result) { done.set_value(std::move(result)); });
  const auto result = done.get_future().get();
  if (result.status != journal::append_status::appended) throw std::runtime_error(result.reason);
  return result.number;
}

words bank_of_lives::command(words arguments) {
  arguments.insert(arguments.begin(), QUIPU_PROGRAM);
  return arguments;
}

ending bank_of_lives::with_module(words arguments) {
  arguments.insert(arguments.end(), {"--module", QUIPU_BANK_MODULE});
  return quipu(arguments);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<json> objects(const std::string& text) {
  std::vector<json> all;
  for (const auto& line : lines_of(text)) all.push_back(json::parse(line));
  return all;
}

}  // namespace quipu::test
