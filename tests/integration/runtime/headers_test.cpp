// Headers, trace and cause: from the ask to decide, into the journal, out of it, and on to the next ask.
#include <nlohmann/json.hpp>

#include "runtime_fixture.hpp"
#include "support/process.hpp"

namespace quipu::test {
namespace {

struct stored_commit {
  command_id command;
  std::vector<header> headers;
  id128 trace;
  id128 causation;
  ask_options next;  ///< what caused_by() makes of it
};

/// All commits of the node's journal, read through the port.
std::vector<stored_commit> stored_in(const node_place& place) {
  auto opened = journal::open("lmdb:" + (place.directory / "node" / "journal").string(),
                              {.mode = journal::access::read});
  if (!opened) throw std::runtime_error(opened.error().text);
  std::vector<stored_commit> all;
  const auto records = (*opened)->read(1);
  for (auto next = records->next(); next && *next; next = records->next()) {
    const auto view = journal::record_view::decode((*next)->data);
    if (!view) throw std::runtime_error(view.error().text);
    for (std::uint32_t i = 0; i < view->commit_count(); ++i) {
      const auto commit = view->commit_at(i);
      stored_commit& one = all.emplace_back();
      one.command = commit.command;
      one.trace = commit.trace;
      one.causation = commit.causation;
      for (std::uint32_t h = 0; h < commit.header_count; ++h) {
        const auto stored = view->header(commit, h);
        one.headers.push_back({std::string(stored.name), std::string(as_text(stored.value))});
      }
      one.next = caused_by(commit, *view);
    }
  }
  return all;
}

using texts = std::vector<std::pair<std::string, std::string>>;
texts texts_of(std::span<const header> headers) {
  texts out;
  for (const auto& one : headers) out.emplace_back(one.name, one.value);
  return out;
}

const texts tenant_and_user = {{"tenant", "acme"}, {"user-id", std::string("a\0b", 3)}};
ask_options with_headers() {
  ask_options how;
  for (const auto& [name, value] : tenant_and_user) how.headers.push_back({name, value});
  how.trace = {7, 8};
  how.causation = {9, 10};
  return how;
}

TEST(headers, reach_decide_and_the_journal_and_are_shown) {
  node_place place("lmdb:");
  {
    auto node = place.open();
    texts seen;
    id128 trace;
    id128 causation;
    ask_options next;
    seen_by_decide = [&](const context& about) {
      seen = texts_of(about.headers());
      trace = about.trace();
      causation = about.causation();
      next = caused_by(about);
    };
    const auto got = node.ask<counter>("a", add(1), with_headers()).get();
    seen_by_decide = nullptr;
    ASSERT_EQ(value_of(got), 1);
    EXPECT_EQ(seen, tenant_and_user);
    EXPECT_EQ(trace, (id128{7, 8}));
    EXPECT_EQ(causation, (id128{9, 10}));
    EXPECT_EQ(texts_of(next.headers), tenant_and_user);
    EXPECT_EQ(next.causation, got->command);
    // Handed on, from the answer this time.
    EXPECT_EQ(value_of(node.ask<counter>("b", add(2), caused_by(*got, with_headers())).get()), 2);
  }
  const auto stored = stored_in(place);
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(texts_of(stored[0].headers), tenant_and_user);
  EXPECT_EQ(stored[0].trace, (id128{7, 8}));
  EXPECT_EQ(stored[0].causation, (id128{9, 10}));
  EXPECT_EQ(texts_of(stored[1].headers), tenant_and_user);
  EXPECT_EQ(stored[1].trace, (id128{7, 8}));
  EXPECT_EQ(stored[1].causation, stored[0].command);
  EXPECT_EQ(texts_of(stored[1].next.headers), tenant_and_user);
  EXPECT_EQ(stored[1].next.trace, (id128{7, 8}));
  EXPECT_EQ(stored[1].next.causation, stored[1].command);

#ifdef QUIPU_PROGRAM
  const auto shown =
      run({QUIPU_PROGRAM, "journal", "cat", "lmdb:" + (place.directory / "node" / "journal").string(),
           "--json", "--entity", "counter/b"});
  ASSERT_EQ(shown.code, 0) << shown.err;
  const auto line = nlohmann::json::parse(shown.out);
  EXPECT_EQ(line.at("headers"), (nlohmann::json{{"tenant", "acme"}, {"user-id", std::string("a\0b", 3)}}));
  EXPECT_EQ(line.at("trace"), (id128{7, 8}).hex());
  EXPECT_EQ(line.at("causation"), stored[0].command.hex());
#endif
}

TEST(headers, a_command_without_a_trace_begins_one) {
  const auto next = caused_by(context({}, {1, 2}, "a", 0));
  EXPECT_EQ(next.trace, (id128{1, 2}));
  EXPECT_EQ(next.causation, (id128{1, 2}));
  EXPECT_TRUE(next.headers.empty());
  EXPECT_FALSE(next.command);
}

TEST(headers, out_of_their_bounds_are_refused) {
  node_place place;
  auto node = place.open();
  const auto asked = [&](std::vector<header> headers) {
    ask_options how;
    how.headers = std::move(headers);
    return node.ask<counter>("a", add(1), std::move(how)).get();
  };
  const auto refused = [&](std::vector<header> headers, std::string_view says) {
    const auto got = asked(std::move(headers));
    ASSERT_FALSE(got.has_value()) << says;
    EXPECT_EQ(got.error().code, error_code::command_headers);
    EXPECT_EQ(got.error().kind, error_kind::invalid);
    EXPECT_NE(got.error().text.find(says), std::string::npos) << got.error().text;
  };
  refused({{"", "x"}}, "called \"\"");
  refused({{"two words", "x"}}, "called \"two words\"");
  refused({{"line\nend", "x"}}, "called \"line\\x0aend\"");
  refused({{std::string(65, 'n'), "x"}}, "1 to 64");
  refused({{"tenant", "a"}, {"user", "b"}, {"tenant", "c"}}, "\"tenant\" is given twice");
  refused({{"tenant", std::string(8187, 'v')}}, "take 8193 bytes; the limit is 8192");
  std::vector<header> many;
  for (int i = 0; i < 33; ++i) many.push_back({"h" + std::to_string(i), "v"});
  refused(many, "33 headers; the limit is 32");

  many.pop_back();
  EXPECT_EQ(value_of(asked(many)), 1);
  EXPECT_EQ(value_of(asked({{std::string(64, 'n'), std::string(8128, 'v')}})), 2);
}

}  // namespace
}  // namespace quipu::test
