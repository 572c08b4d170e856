#include <flatbuffers/idl.h>
#include <gtest/gtest.h>
#include <quipu/journal/schema.hpp>

#include <string>

namespace quipu::test {
namespace {

bytes described(const std::string& text) {
  flatbuffers::IDLOptions options;
  options.binary_schema_builtins = true;
  flatbuffers::Parser parser(options);
  if (!parser.Parse(("namespace t; " + text).c_str())) throw std::runtime_error(parser.error_);
  parser.Serialize();
  return {parser.builder_.GetBufferPointer(), parser.builder_.GetBufferPointer() + parser.builder_.GetSize()};
}

/// What is said of table t.E between two texts; empty: nothing.
std::string said(const std::string& older, const std::string& newer) {
  auto lines = journal::breaking_changes(described(older), "t.E", described(newer), "t.E");
  if (!lines) return "failed: " + lines.error().text;
  std::string all;
  for (const auto& line : *lines) all += line + "\n";
  return all;
}

struct change {
  const char* name;
  const char* older;
  const char* newer;
  const char* says;  ///< empty: the change is none
};

class schema_changes : public testing::TestWithParam<change> {};

TEST_P(schema_changes, are_named_with_their_cure) {
  const auto& about = GetParam();
  const auto text = said(about.older, about.newer);
  if (std::string_view(about.says).empty())
    EXPECT_EQ(text, "");
  else
    EXPECT_NE(text.find(about.says), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    all, schema_changes,
    testing::Values(
        change{"same", "table E { a:int; b:string; }", "table E { a:int; b:string; }", ""},
        change{"added", "table E { a:int; }", "table E { a:int; b:string; }", ""},
        change{"deprecated", "table E { a:int; b:int; }", "table E { a:int (deprecated); b:int; }", ""},
        change{"field_renamed", "table E { a:int; }", "table E { amount:int; }", ""},
        change{"order_kept_by_ids", "table E { a:int; b:int; }", "table E { b:int (id: 1); a:int (id: 0); }",
               ""},
        change{"reordered", "table E { a:int; b:int; }", "table E { b:int; a:int; }",
               "t.E.a was field number 0 and is number 1"},
        change{"removed", "table E { a:int; b:int; }", "table E { a:int; }",
               "t.E.b is gone: keep it, marked (deprecated)"},
        change{"removed_in_front", "table E { a:int; b:int; }", "table E { b:int; }",
               "t.E.b was field number 1 and is number 0"},
        change{"retyped", "table E { a:int; }", "table E { a:long; }", "t.E.a was int and is long"},
        change{"to_a_vector", "table E { a:int; }", "table E { a:[int]; }", "t.E.a was int and is [int]"},
        change{"another_default", "table E { a:int = 1; }", "table E { a:int = 2; }",
               "t.E.a had another default (1, now 2)"},
        change{"another_real_default", "table E { a:double = 0.5; }", "table E { a:double; }",
               "had another default"},
        change{"made_required", "table E { a:string; }", "table E { a:string (required); }", "(required)"},
        change{"no_longer_required", "table E { a:string (required); }", "table E { a:string; }", ""},
        change{"made_nullable", "table E { a:int; }", "table E { a:int = null; }", "by default"},
        change{"within", "table In { x:int; } table E { a:In; }", "table In { x:short; } table E { a:In; }",
               "t.In.x was int and is short"},
        change{"within_a_vector", "table In { x:int; y:int; } table E { a:[In]; }",
               "table In { x:int; } table E { a:[In]; }", "t.In.y is gone"},
        change{"inner_table_renamed", "table In { x:int; } table E { a:In; }",
               "table Other { x:int; } table E { a:Other; }", ""},
        change{"inner_renamed_and_changed", "table In { x:int; } table E { a:In; }",
               "table Other { x:byte; } table E { a:Other; }", "t.Other.x was int"},
        change{"struct_grew", "struct S { x:int; } table E { a:S; }",
               "struct S { x:int; y:int; } table E { a:S; }", "struct t.S has other fields"},
        change{"struct_became_table", "struct S { x:int; } table E { a:S; }",
               "table S { x:int; } table E { a:S; }", "was a struct and is a table"},
        change{"enum_grew", "enum K : byte { a, b } table E { k:K; }",
               "enum K : byte { a, b, c } table E { k:K; }", ""},
        change{"enum_value_gone", "enum K : byte { a, b } table E { k:K; }",
               "enum K : byte { a } table E { k:K; }", "t.K.b (1) is gone"},
        change{"enum_values_swapped", "enum K : byte { a, b } table E { k:K; }",
               "enum K : byte { b, a } table E { k:K; }", "has another number now"},
        change{"enum_retyped", "enum K : byte { a } table E { k:K; }",
               "enum K : short { a } table E { k:K; }", "t.E.k was t.K (byte)"},
        change{"union_grew", "table A { x:int; } union U { A } table E { u:U; }",
               "table A { x:int; } table B { y:int; } union U { A, B } table E { u:U; }", ""},
        change{"union_swapped", "table A { x:int; } table B { y:int; } union U { A, B } table E { u:U; }",
               "table A { x:int; } table B { y:int; } union U { B, A } table E { u:U; }",
               "has another number now"},
        change{"union_member_changed", "table A { x:int; } union U { A } table E { u:U; }",
               "table A { x:byte; } union U { A } table E { u:U; }", "t.A.x was int and is byte"},
        change{"goes_round", "table E { next:E; a:int; }", "table E { next:E; a:int; b:int; }", ""}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(schema_changes_of, another_table_name) {
  const auto older = described("table Old { a:int; }");
  const auto newer = described("table New { a:long; }");
  const auto lines = journal::breaking_changes(older, "t.Old", newer, "t.New").value();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("t.New.a was int and is long"), std::string::npos) << lines[0];
  EXPECT_EQ(journal::breaking_changes(older, "t.New", newer, "t.New").error().kind,
            journal::failure_kind::not_found);
  EXPECT_EQ(journal::breaking_changes(bytes{1, 2, 3}, "t.Old", newer, "t.New").error().kind,
            journal::failure_kind::corrupt);
}

}  // namespace
}  // namespace quipu::test
