/// quipu journal create
#include <memory>
#include <quipu/journal/open.hpp>
#include <quipu/version.hpp>
#include <string>

#include "command.hpp"

namespace quipu::tool {
namespace {

struct arguments {
  std::string url;
  journal::creation how;
  bool as_json = false;
};

exit_code create(const arguments& given, output& out) {
  if (auto made = journal::create(given.url, given.how); !made) return give_up(made.error());
  auto opened = journal::open(given.url, {.mode = journal::access::read, .node_directory = {}});
  if (!opened) return give_up(opened.error());
  const auto& about = (*opened)->about();
  const auto url = journal::without_secrets(given.url);
  if (given.as_json) {
    out.line(line_of(json{{"url", valid_utf8(url)},
                          {"lineage", about.lineage.hex()},
                          {"incarnation", about.incarnation.hex()},
                          {"partitions", about.partitions},
                          {"max_record_bytes", about.max_record_bytes},
                          {"created", time_text(about.created_us)}}));
  } else {
    out.line("created " + printable(url) + ": " + std::to_string(about.partitions) +
             (about.partitions == 1 ? " partition" : " partitions") + ", records up to " +
             size_text(about.max_record_bytes) + ", lineage " + about.lineage.hex());
  }
  return exit_code::done;
}

constexpr auto footer =
    R"(All numbers are fixed for the journal's life. On nats:// a stream is made that is called NAME. An existing journal is left as it is (exit code 3).

Keys of --json: url, lineage, incarnation, partitions, max_record_bytes, created.

Examples:
  quipu journal create lmdb:data/journal
  quipu journal create lmdb:data/journal --partitions 64
  quipu journal create nats://127.0.0.1:4222/bank
  quipu journal create nats://n1:4222,n2:4222,n3:4222/bank --replicas 3)";

}  // namespace

void add_journal_create(CLI::App& journal, chosen& command) {
  auto given = std::make_shared<arguments>();
  given->how.creator = "quipu " QUIPU_VERSION;
  auto* app = journal.add_subcommand("create", "Make an empty journal");
  app->add_option("URL", given->url, journal_urls)->required();
  app->add_option("--partitions", given->how.partitions, "How many parts are ordered and owned separately")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app->add_option("--max-record-bytes", given->how.max_record_bytes, "Of one batch of commits, encoded")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app->add_option("--replicas", given->how.replicas,
                  "Of nats:// journals: servers of a cluster that keep a copy")
      ->check(CLI::Range(1, 5))
      ->capture_default_str();
  app->add_flag("--json", given->as_json, "One JSON object instead of text");
  app->footer(footer);
  app->callback([given, &command] { command.run = [given](output& out) { return create(*given, out); }; });
}

}  // namespace quipu::tool
