#include <flatbuffers/idl.h>
#include <gtest/gtest.h>
#include <quipu/journal/schema.hpp>

#include <algorithm>
#include <cstring>

#include "support/seed.hpp"

namespace quipu::test {
namespace {

using journal::canonical_form;
using journal::failure_kind;
using journal::schema_reader;

constexpr const char* bank = R"(
namespace bank;
/// What happened to money.
enum Kind : byte { In, Out = 5 }
struct Point { x:int; y:[short:2]; }
table Owner { name:string (required); age:ubyte = 18; }
table Note { text:string; }
union Extra { Owner, Note }
table Moved {
  amount:long;
  rate:double = 0.5;
  kind:Kind = Out;
  at:Point;
  tags:[string];
  data:[ubyte];
  extra:Extra;
  maybe:int = null;
}
)";

/// The same without comments and with everything declared in another order.
constexpr const char* bank_again = R"(
namespace bank;
table Note { text:string; }
table Owner { name:string (required); age:ubyte = 18; }
union Extra { Owner, Note }
enum Kind : byte { In = 0, Out = 5 }
table Moved { amount:long; rate:double = 0.5; kind:Kind = Out; at:Point; tags:[string]; data:[ubyte]; extra:Extra;
              maybe:int = null; }
struct Point { x:int; y:[short:2]; }
root_type Note;
)";

bytes compile(const char* text, bool comments = true) {
  flatbuffers::IDLOptions options;
  options.binary_schema_comments = comments;
  options.binary_schema_builtins = true;
  flatbuffers::Parser parser(options);
  if (!parser.Parse(text, nullptr, comments ? "one.fbs" : "another.fbs"))
    throw std::runtime_error(parser.error_);
  parser.Serialize();
  return {parser.builder_.GetBufferPointer(), parser.builder_.GetBufferPointer() + parser.builder_.GetSize()};
}

schema_reader reader() { return std::move(schema_reader::open(compile(bank)).value()); }

}  // namespace

TEST(schema, the_canonical_form_says_what_matters) {
  EXPECT_EQ(canonical_form(compile(bank)).value(), R"(quipu schema 1
table bank.Moved
  0 amount long
  1 rate double =0.5
  2 kind byte bank.Kind =5
  3 at obj bank.Point
  4 tags [string]
  5 data [ubyte]
  6 extra_type utype bank.Extra
  7 extra union bank.Extra
  8 maybe int optional
table bank.Note
  0 text string
table bank.Owner
  0 name string required
  1 age ubyte =18
struct bank.Point size=8 align=4
  0 x int at=0
  1 y [short:2] at=4
union bank.Extra utype
  0 NONE none
  1 Owner obj bank.Owner
  2 Note obj bank.Note
enum bank.Kind byte
  0 In
  5 Out
)");
}

TEST(schema, comments_order_and_files_do_not_matter) {
  auto one = compile(bank);
  auto other = compile(bank_again, false);
  EXPECT_NE(one, other);
  EXPECT_EQ(canonical_form(one).value(), canonical_form(other).value());
  EXPECT_EQ(journal::schema_hash(one).value(), journal::schema_hash(other).value());
}

TEST(schema, meaning_does_matter) {
  auto base = journal::schema_hash(compile("table T { a:int; b:string; }")).value();
  for (auto other :
       {"table T { b:string; a:int; }", "table T { a:int = 1; b:string; }", "table T { a:uint; b:string; }",
        "table T { a:int; b:string (required); }", "table T { a:int; c:string; }",
        "table T { a:int; b:string; c:int; }", "table U { a:int; b:string; }",
        "table T { a:int (deprecated); b:string; }", "struct S { x:int; } table T { a:int; b:string; }"}) {
    EXPECT_NE(journal::schema_hash(compile(other)).value(), base) << other;
  }
}

TEST(schema, names_its_tables) {
  EXPECT_EQ(journal::table_names(compile(bank)).value(),
            (std::vector<std::string>{"bank.Moved", "bank.Note", "bank.Owner"}));
}

TEST(schema, shows_buffers_as_one_line_of_json) {
  auto read = reader();
  auto buffer = read.from_json("bank.Owner", R"({"name": "Ana", "age": 41})");
  ASSERT_TRUE(buffer) << buffer.error().text;
  EXPECT_TRUE(read.verify("bank.Owner", *buffer));
  auto json = read.to_json("bank.Owner", *buffer);
  ASSERT_TRUE(json) << json.error().text;
  EXPECT_EQ(*json, R"({"name": "Ana","age": 41})");
}

TEST(schema, json_goes_both_ways) {
  auto read = reader();
  for (auto text : {R"({})", R"({"amount": -9223372036854775808, "kind": "In", "rate": 1e300})",
                    R"({"at": {"x": 7, "y": [1, -2]}, "tags": ["", "b"], "data": [0, 255], "maybe": 0})",
                    R"({"extra_type": "Owner", "extra": {"name": "x"}})"}) {
    auto buffer = read.from_json("bank.Moved", text);
    ASSERT_TRUE(buffer) << text << ": " << buffer.error().text;
    auto json = read.to_json("bank.Moved", *buffer);
    ASSERT_TRUE(json) << text << ": " << json.error().text;
    EXPECT_EQ(json->find('\n'), std::string::npos);
    auto again = read.from_json("bank.Moved", *json);
    ASSERT_TRUE(again) << *json << ": " << again.error().text;
    EXPECT_EQ(read.to_json("bank.Moved", *again).value(), *json);
  }
}

TEST(schema, a_wrong_field_is_named) {
  auto read = reader();
  auto unknown = read.from_json("bank.Owner", R"({"name": "x", "nmae": "y"})");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, failure_kind::invalid);
  EXPECT_NE(unknown.error().text.find("nmae"), std::string::npos) << unknown.error().text;
  auto missing = read.from_json("bank.Owner", R"({"age": 3})");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().text.find("name"), std::string::npos) << missing.error().text;
  auto range = read.from_json("bank.Owner", R"({"name": "x", "age": 300})");
  ASSERT_FALSE(range);
  EXPECT_NE(range.error().text.find("300"), std::string::npos) << range.error().text;
  auto nowhere = read.from_json("bank.Nobody", "{}");
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().text.find("bank.Nobody"), std::string::npos) << nowhere.error().text;
  EXPECT_FALSE(read.from_json("bank.Point", "{}"));  // a struct is no table
  // A failure leaves nothing behind.
  EXPECT_EQ(read.to_json("bank.Owner", read.from_json("bank.Owner", R"({"name": "ok"})").value()).value(),
            R"({"name": "ok","age": 18})");
}

TEST(schema, malformed_json_is_refused) {
  auto read = reader();
  std::string deep(100000, '[');
  for (std::string_view bad :
       {std::string_view(""), std::string_view("{"), std::string_view("}"), std::string_view("[]"),
        std::string_view("{\"name\": \"x\"} {}"), std::string_view("{\"name\": \"x\0\"}", 14),
        std::string_view("{\"name\": \"\xff\"}"), std::string_view(deep)}) {
    EXPECT_FALSE(read.from_json("bank.Owner", bad)) << bad.substr(0, 40);
  }
}

TEST(schema, hostile_strings_stay_in_their_line) {
  auto read = reader();
  flatbuffers::FlatBufferBuilder out;
  std::string name = "\x1b[2J\n\"\\\x7f\x01 \xc3\xa4 \xc2\x9b \xe2\x80\xae \xff\xfe\\x41";
  auto text = out.CreateString(name);
  auto start = out.StartTable();
  out.AddOffset(4, text);
  out.Finish(flatbuffers::Offset<flatbuffers::Table>(out.EndTable(start)));
  auto json = read.to_json("bank.Owner", {out.GetBufferPointer(), out.GetSize()});
  ASSERT_TRUE(json) << json.error().text;
  EXPECT_EQ(
      *json,
      "{\"name\": \"\\u001b[2J\\n\\\"\\\\\\u007f\\u0001 \xc3\xa4 \\u009b \\u202e \\ufffd\\ufffd\\\\x41\","
      "\"age\": 18}");
  EXPECT_TRUE(read.from_json("bank.Owner", *json));
}

TEST(schema, payloads_that_do_not_hold_are_refused) {
  auto read = reader();
  auto good = read.from_json("bank.Moved", R"({"tags": ["a"], "extra_type": "Note", "extra": {"text": "t"}})")
                  .value();
  EXPECT_EQ(read.to_json("bank.Owner", bytes()).error().kind, failure_kind::corrupt);
  EXPECT_EQ(read.verify("bank.Owner", bytes(3)).error().kind, failure_kind::corrupt);
  for (std::size_t size = 0; size < good.size(); ++size)
    (void)read.to_json("bank.Moved", bytes_view(good).first(size));
  auto source = random_source(5);
  for (int round = 0; round < 20000; ++round) {
    auto damaged = good;
    for (auto count = between(source, 1, 3); count > 0; --count) {
      damaged[between(source, 0, damaged.size() - 1)] = static_cast<std::uint8_t>(source());
    }
    (void)read.to_json("bank.Moved", damaged);
  }
}

TEST(schema, a_payload_need_not_be_aligned) {
  auto read = reader();
  auto good = read.from_json("bank.Moved", R"({"amount": 5})").value();
  bytes shifted(good.size() + 1);
  std::memcpy(shifted.data() + 1, good.data(), good.size());
  EXPECT_EQ(read.to_json("bank.Moved", bytes_view(shifted).subspan(1)).value(),
            read.to_json("bank.Moved", good).value());
}

TEST(schema, bytes_that_are_no_schema_are_refused) {
  EXPECT_EQ(canonical_form({}).error().kind, failure_kind::corrupt);
  EXPECT_EQ(canonical_form(as_bytes("no schema at all, only text")).error().kind, failure_kind::corrupt);
  EXPECT_EQ(schema_reader::open(bytes(100)).error().kind, failure_kind::corrupt);
}

TEST(schema, damaged_schemas_are_refused_or_harmless) {
  auto good = compile(bank);
  auto payload = reader()
                     .from_json("bank.Moved", R"({"amount": 1, "at": {"x": 1, "y": [1, 2]}, "tags": ["a"],
                                                      "extra_type": "Note", "extra": {"text": "t"}})")
                     .value();
  auto source = random_source(6);
  for (int round = 0; round < 20000; ++round) {
    auto damaged = good;
    for (auto count = between(source, 1, 3); count > 0; --count) {
      damaged[between(source, 0, damaged.size() - 1)] = static_cast<std::uint8_t>(source() % 32);
    }
    auto opened = schema_reader::open(damaged);
    if (!opened) continue;
    auto tables = journal::table_names(damaged);
    ASSERT_TRUE(tables);
    for (const auto& table : *tables) (void)opened->to_json(table, payload);
  }
}

}  // namespace quipu::test
