// Journals as JSON lines and back, whole or damaged, in one go or in pieces.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>

#include "chained_journal.hpp"
#include "support/nats_server.hpp"

namespace quipu::test {
namespace {

using nlohmann::json;

class exported : public chained_journal {
 protected:
  /// Claims, commits of every shape, a reaction's command, a second epoch.
  void write_some() {
    begin_all();
    const auto first = note("rent", 1);
    note("food", 1);
    auto rich = noting("rent", 2);
    const auto binary = as_bytes(std::string_view("\xff\x00z", 3));
    const std::vector<journal::header_view> headers{{"user", as_bytes("ann")}, {"user", binary}};
    const auto total = reader_->from_json("ledger.Total", R"({"amount":4})").value();
    const std::vector<journal::typed_bytes> two{event_, {{"ledger.Noted", schema_}, as_bytes("no table")}};
    rich.events = two;
    rich.headers = headers;
    rich.has_reply = true;
    rich.reply = {{"ledger.Total", schema_}, total};
    rich.trace = {3, 4};
    rich.causation = {5, 6};
    rich.ended = true;
    put({rich});
    auto caused = noting("food", 2);
    caused.after_expiry = true;
    caused.source = command_source{
        .reaction = 9, .at = position::of(first, 0), .index = 1, .settled = position::of(4, 7)};
    const std::string key("\x1b\\\xc3 /", 5);
    auto odd = noting("food", 3);
    put({caused, odd});
    begin(partition_of("rent"));
    put({noting(key, 1)});
    note("rent", 4);
  }
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  std::string file(const std::string& name) const { return (directory_ / name).string(); }
  std::string lmdb(const std::string& name) const { return "lmdb:" + file(name); }

  std::string export_to(const std::string& name, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"journal", "export", url_, "--output", file(name)});
    const auto done = quipu(more);
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_EQ(done.out, "");
    return file(name);
  }
  static ending import(const std::string& from, const std::string& to, bool as_json = true) {
    std::vector<std::string> words{"journal", "import", from, to};
    if (as_json) words.emplace_back("--json");
    return quipu(words);
  }
  /// What an import says at its end.
  static json summary_of(const ending& done) {
    const auto lines = json_lines(done.out);
    if (lines.empty()) throw std::runtime_error("import: " + done.err);
    return lines.back();
  }
  static std::string text_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  /// All lines of an export but what is of one copy alone: sums, the header's incarnation and time.
  static std::vector<json> content(const std::string& path) {
    auto lines = json_lines(text_of(path));
    for (auto& line : lines) line.erase("sum");
    for (const char* own : {"incarnation", "created", "creator"}) lines.at(0).at("journal").erase(own);
    return lines;
  }
  void expect_copy(const std::string& url, const std::string& name) {
    const auto done = quipu({"journal", "export", url, "--output", file(name)});
    ASSERT_EQ(done.code, 0) << done.err;
    if (!std::filesystem::exists(file("source.jsonl"))) export_to("source.jsonl");
    EXPECT_EQ(content(file(name)), content(file("source.jsonl")));
  }
};

TEST_F(exported, through_json_lines_and_back) {
  write_some();
  const auto path = export_to("a.jsonl");
  const auto done = import(path, lmdb("copy"));
  EXPECT_EQ(done.code, 1);  // the payload that is no table is as wrong as it was
  const auto lines = json_lines(done.out);
  ASSERT_EQ(lines.size(), 2U) << done.out << done.err;
  EXPECT_EQ(lines[0].at("fault"), "payload");
  EXPECT_EQ(lines[1].at("appended"), 11);
  EXPECT_EQ(lines[1].at("found"), 0);
  EXPECT_EQ(lines[1].at("events"), 8);
  const auto copy = journal::open(lmdb("copy"), {.mode = journal::access::read}).value();
  EXPECT_EQ(copy->about().lineage, journal_->about().lineage);
  EXPECT_NE(copy->about().incarnation, journal_->about().incarnation);
  EXPECT_EQ(copy->about().max_record_bytes, journal_->about().max_record_bytes);
  expect_copy(lmdb("copy"), "b.jsonl");
}

TEST_F(exported, without_json_the_same_bytes_come_back) {
  write_some();
  const auto path = export_to("a.jsonl", {"--bytes-only"});
  EXPECT_FALSE(has(text_of(path), "coffee"));
  import(path, lmdb("copy"));
  expect_copy(lmdb("copy"), "b.jsonl");
}

TEST_F(exported, a_line_says_all_that_a_commit_holds) {
  write_some();
  const auto lines = json_lines(quipu({"journal", "export", url_, "--from", "7", "--to", "8"}).out);
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[0].at("from"), 7);
  EXPECT_EQ(lines[0].at("version"), 1);
  const auto& rich = lines[2];
  EXPECT_EQ(rich.at("position"), "7:0");
  EXPECT_EQ(rich.at("headers"),
            json::array({json::array({"user", "ann"}), json::array({"user", json{{"base64", "/wB6"}}})}));
  EXPECT_EQ(rich.at("events").at(0).at("payload"), (json{{"text", "coffee"}, {"amount", 3}}));
  EXPECT_EQ(rich.at("events").at(1).at("base64"), "bm8gdGFibGU=");
  EXPECT_FALSE(rich.at("events").at(1).contains("payload"));
  EXPECT_EQ(rich.at("reply").at("payload"), (json{{"amount", 4}}));
  EXPECT_EQ(rich.at("ended"), true);
  EXPECT_EQ(rich.at("body_hash"), "000000000000feed");
  EXPECT_EQ(lines[4].at("source"),
            (json{{"reaction", "0000000000000009"}, {"at", "5:0"}, {"index", 1}, {"settled", "4:7"}}));
  EXPECT_EQ(lines[6].at("commits"), 3);
}

TEST_F(exported, an_export_is_not_written_over_and_a_part_is_not_imported) {
  write_some();
  export_to("a.jsonl");
  EXPECT_EQ(quipu({"journal", "export", url_, "--output", file("a.jsonl")}).code, 3);
  EXPECT_EQ(quipu({"journal", "export", lmdb("nothing"), "--output", file("n.jsonl")}).code, 3);
  EXPECT_FALSE(std::filesystem::exists(file("n.jsonl")));
  const auto part = import(export_to("b.jsonl", {"--from", "6"}), lmdb("copy"));
  EXPECT_EQ(part.code, 3);
  EXPECT_TRUE(has(part.err, "--from")) << part.err;
  EXPECT_FALSE(std::filesystem::exists(file("copy")));
}

TEST_F(exported, imported_in_pieces_and_again) {
  write_some();
  import(export_to("a.jsonl", {"--to", "6"}), lmdb("copy"));
  const auto whole = export_to("b.jsonl");
  const auto more = summary_of(import(whole, lmdb("copy")));
  EXPECT_EQ(more.at("found"), 6);
  EXPECT_EQ(more.at("appended"), 5);
  const auto again = summary_of(import(whole, lmdb("copy")));
  EXPECT_EQ(again.at("found"), 11);
  EXPECT_EQ(again.at("appended"), 0);
  EXPECT_EQ(again.at("digest"), more.at("digest"));
  expect_copy(lmdb("copy"), "c.jsonl");
  // And from the journal itself, which has grown.
  note("rent", 5);
  EXPECT_EQ(summary_of(import(url_, lmdb("copy"))).at("appended"), 1);
}

TEST_F(exported, a_target_that_holds_something_else_is_refused) {
  write_some();
  const auto path = export_to("a.jsonl");
  ASSERT_EQ(quipu({"journal", "create", lmdb("other")}).code, 0);
  const auto other = import(path, lmdb("other"));
  EXPECT_EQ(other.code, 3);
  EXPECT_TRUE(has(other.err, "another journal")) << other.err;
  journal_.reset();
  const auto itself = import(path, url_);
  EXPECT_EQ(itself.code, 3);
  EXPECT_TRUE(has(itself.err, "very journal")) << itself.err;
  // A copy that was written to: it has more than the source, and then something else.
  import(path, lmdb("copy"));
  import(export_to("b.jsonl", {"--to", "9"}), lmdb("short"));
  for (const char* name : {"copy", "short"}) {
    const auto copy = journal::open(lmdb(name), {}).value();
    const journal::batch_stamp stamp{.lineage = copy->about().lineage,
                                     .incarnation = copy->about().incarnation};
    record_number tail = 0;
    copy->tail(0, [&](auto found) { tail = found.value()->number; });
    std::promise<journal::append_result> done;
    copy->append(0, tail, journal::encode_claim(stamp, "x"),
                 [&](auto result) { done.set_value(std::move(result)); });
    ASSERT_EQ(done.get_future().get().status, journal::append_status::appended);
  }
  const auto more = import(path, lmdb("copy"));
  EXPECT_EQ(more.code, 3);
  EXPECT_TRUE(has(more.err, "the target has record 12")) << more.err;
  const auto different = import(path, lmdb("short"));
  EXPECT_EQ(different.code, 3);
  EXPECT_TRUE(has(different.err, "record 10 of the target is not record 10 of the source")) << different.err;
  EXPECT_EQ(import(path, file("no_url")).code, 2);
}

TEST_F(exported, damage_to_an_export_is_named_with_its_line) {
  write_some();
  const auto whole = text_of(export_to("a.jsonl"));
  auto lines = lines_of(whole);
  const auto joined = [](const std::vector<std::string>& all) {
    std::string text;
    for (const auto& line : all) text += line + "\n";
    return text;
  };
  const auto expect = [&](const std::string& text, std::string_view says, std::uint64_t left) {
    write(file("bad.jsonl"), text);
    std::filesystem::remove_all(file("copy"));
    const auto done = import(file("bad.jsonl"), lmdb("copy"));
    EXPECT_EQ(done.code, 1) << done.err;
    EXPECT_EQ(lines_of(done.err).size(), 1U) << done.err;
    EXPECT_TRUE(has(done.err, says)) << says << "\n" << done.err;
    if (left == 0) return;
    // What is there is whole, and the whole export goes on from there.
    const auto mended = summary_of(import(file("a.jsonl"), lmdb("copy")));
    EXPECT_EQ(mended.at("found"), left);
    EXPECT_EQ(mended.at("appended"), 11 - left);
  };
  expect(whole.substr(0, whole.size() - 30), "line 20: it is cut off", 11);
  expect(joined({lines.begin(), lines.end() - 1}), "ends behind line 19", 11);
  expect(joined({lines.begin(), lines.begin() + 7}), "ends behind line 7, where a record or the end", 5);
  auto changed = lines;
  changed[6].replace(changed[6].find("coffee"), 6, "cookie");
  expect(joined(changed), "line 7: its sum does not hold", 4);
  auto missing = lines;
  missing.erase(missing.begin() + 7);
  expect(joined(missing), "line 8: its sum does not hold", 5);
  expect("hello\n" + whole, "line 1: it does not begin with", 0);
  expect("", "ends behind line 0, where the header", 0);

  // With sums that hold: what the line itself says.
  const auto summed = [](const std::vector<std::string>& all) {
    std::string text;
    std::string sum;
    for (const auto& line : all) {
      const auto rest = line.substr(42);
      sum = checksum_of(as_bytes(sum + rest)).hex();
      text += "{\"sum\":\"" + sum + "\"," + rest + "\n";
    }
    return text;
  };
  const auto edited = [&](std::size_t line, const std::string& from, const std::string& to) {
    auto copy = lines;
    copy.at(line - 1).replace(copy.at(line - 1).find(from), from.size(), to);
    return summed(copy);
  };
  expect(edited(1, "\"version\":1", "\"version\":2"), "line 1: version: it is an export of version 2", 0);
  expect(edited(2, "\"epoch\":1", "\"epoch\":-1"), "line 2: epoch: is no whole number", 0);
  expect(edited(2, "\"partition\":0", "\"partition\":9"), "line 2: partition: is no number up to 3", 0);
  expect(edited(7, "\"base64\":\"", "\"base64\":\"*"), "line 7: events[0].base64: is no base64", 4);
  expect(edited(7, "\"category\":\"", "\"category\":\"\\n"), "line 7: category", 4);
  expect(edited(7, "\"sequence\":1", "\"sequenze\":1"), "line 7: sequence: is not there", 4);
  expect(edited(7, "\"position\":\"5:0", "\"position\":\"5:1"), "line 7: position: should be 5:0", 4);
  expect(edited(20, "\"records\":11", "\"records\":12"), "line 20: it counts other records", 11);
}

TEST_F(exported, a_damaged_record_is_marked_and_not_imported_over) {
  begin_all();
  note("rent", 1);
  note_damaged("rent", 2);
  note("rent", 3);
  const auto done = quipu({"journal", "export", url_, "--output", file("a.jsonl")});
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(has(done.err, "record 6: ")) << done.err;
  EXPECT_EQ(json_lines(text_of(file("a.jsonl"))).at(7).at("kind"), "lost");
  const auto back = import(file("a.jsonl"), lmdb("copy"));
  EXPECT_EQ(back.code, 1);
  EXPECT_TRUE(has(back.err, "line 8: the records from 6 to 6 could not be read")) << back.err;
  EXPECT_EQ(import(url_, lmdb("copy")).code, 1);
}

TEST_F(exported, an_import_that_ends_half_way_goes_on) {
  write_some();
  for (std::uint64_t i = 5; i < 60; ++i) note("rent", i);
  const auto whole = text_of(export_to("a.jsonl"));
  std::size_t half = 0;
  for (int i = 0; i < 60; ++i) half = whole.find('\n', half) + 1;
  for (const int number : {SIGINT, SIGKILL}) {
    const auto to = lmdb("copy" + std::to_string(number));
    process program(command({"journal", "import", "-", to}));
    ASSERT_TRUE(program.write(whole.substr(0, half + 17)));  // and a part of a line
    // It has begun once the first records are there.
    for (bool begun = false; !begun && program.running();) {
      const auto looked = journal::open(to, {.mode = journal::access::read});
      begun = looked && (*looked)->summarize().value().records > 3;
    }
    program.signal(number);
    const auto done = program.wait();
    EXPECT_EQ(done.signal, number) << done.err;
    const auto rest = summary_of(import(file("a.jsonl"), to));
    EXPECT_GT(rest.at("found"), 3);
    EXPECT_EQ(rest.at("found").get<int>() + rest.at("appended").get<int>(), 66);
    expect_copy(to, "b" + std::to_string(number));
  }
}

TEST_F(exported, pipes) {
  write_some();
  auto done = run({"/bin/sh", "-c", "{ \"$0\" journal export \"$1\"; echo \"code $?\" >&2; } | head -n 1",
                   QUIPU_PROGRAM, url_});
  EXPECT_EQ(lines_of(done.out).size(), 1U);
  EXPECT_EQ(done.err, "code 0\n");
  done = run({"/bin/sh", "-c", "\"$0\" journal export \"$1\" | \"$0\" journal import - \"$2\" > /dev/null",
              QUIPU_PROGRAM, url_, lmdb("copy")});
  EXPECT_EQ(done.err, "");
  expect_copy(lmdb("copy"), "b.jsonl");
  EXPECT_EQ(run({"/bin/sh", "-c", "\"$0\" journal export \"$1\" > /dev/full", QUIPU_PROGRAM, url_}).code, 3);
}

TEST_F(exported, interrupting_it_leaves_whole_lines) {
  begin_all();
  const std::string text(10'000, 'x');
  const auto payload = noted(R"({"text":")" + text + R"("})");
  const journal::typed_bytes event{{"ledger.Noted", schema_}, payload};
  for (std::uint64_t i = 1; i <= 40; ++i) {
    auto commit = noting("rent", i);
    commit.events = {&event, 1};
    put({commit});
  }
  process program(command({"journal", "export", url_, "--output", file("a.jsonl")}));
  while (program.running() && !std::filesystem::exists(file("a.jsonl"))) {
  }
  program.signal(SIGINT);
  const auto done = program.wait();  // it may have been done before
  const auto written = text_of(file("a.jsonl"));
  EXPECT_TRUE(written.empty() || written.back() == '\n');
  const auto lines = json_lines(written);
  for (const auto& line : lines) EXPECT_TRUE(line.contains("sum"));
  const bool whole = !lines.empty() && lines.back().at("kind") == "end";
  EXPECT_EQ(import(file("a.jsonl"), lmdb("copy")).code == 0, whole) << done.err;
}

/// Base first: the journal is made when the server runs.
struct server_to_copy {
  server_to_copy() { server_.start(); }
  nats_server server_;
};

class copied_on_nats : private server_to_copy, public exported {
 protected:
  using server_to_copy::server_;
};

TEST_F(copied_on_nats, there_and_back_with_sources_translated) {
  write_some();
  const auto there = import(export_to("a.jsonl"), server_.url("copy"));
  ASSERT_EQ(summary_of(there).at("appended"), 11) << there.err;
  // Other messages of the stream take numbers, so the event that the reaction's command follows from has another one.
  const auto lines = json_lines(quipu({"journal", "export", server_.url("copy")}).out);
  std::string at;
  std::string settled;
  std::string first;
  for (const auto& line : lines) {
    if (line.contains("source")) {
      at = line.at("source").at("at").get<std::string>();
      settled = line.at("source").at("settled").get<std::string>();
    }
    if (line.at("kind") == "commit" && first.empty()) first = line.at("position").get<std::string>();
  }
  EXPECT_NE(at, "5:0");
  EXPECT_EQ(at, first);
  EXPECT_EQ(settled, std::to_string(std::stoi(first) - 1) + ":7");
  const auto again = summary_of(import(file("a.jsonl"), server_.url("copy")));
  EXPECT_EQ(again.at("found"), 11);
  const auto back = import(server_.url("copy"), lmdb("back"));
  EXPECT_EQ(summary_of(back).at("appended"), 11) << back.err;
  expect_copy(lmdb("back"), "b.jsonl");
  server_.stop();
  EXPECT_EQ(import(file("a.jsonl"), server_.url("copy")).code, 3);
}

}  // namespace
}  // namespace quipu::test
