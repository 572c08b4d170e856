#include "cpp_names.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace quipu::schema_tool {

namespace {

// The list of flatc 2.0.8 and 23.5 (idl_gen_cpp.cpp); in alphabetical order.
constexpr std::string_view keywords[] = {"alignas",
                                         "alignof",
                                         "and",
                                         "and_eq",
                                         "asm",
                                         "atomic_cancel",
                                         "atomic_commit",
                                         "atomic_noexcept",
                                         "auto",
                                         "bitand",
                                         "bitor",
                                         "bool",
                                         "break",
                                         "case",
                                         "catch",
                                         "char",
                                         "char16_t",
                                         "char32_t",
                                         "class",
                                         "co_await",
                                         "co_return",
                                         "co_yield",
                                         "compl",
                                         "concept",
                                         "const",
                                         "const_cast",
                                         "constexpr",
                                         "continue",
                                         "decltype",
                                         "default",
                                         "delete",
                                         "do",
                                         "double",
                                         "dynamic_cast",
                                         "else",
                                         "enum",
                                         "explicit",
                                         "export",
                                         "extern",
                                         "false",
                                         "float",
                                         "for",
                                         "friend",
                                         "goto",
                                         "if",
                                         "import",
                                         "inline",
                                         "int",
                                         "long",
                                         "module",
                                         "mutable",
                                         "namespace",
                                         "new",
                                         "noexcept",
                                         "not",
                                         "not_eq",
                                         "nullptr",
                                         "operator",
                                         "or",
                                         "or_eq",
                                         "private",
                                         "protected",
                                         "public",
                                         "register",
                                         "reinterpret_cast",
                                         "requires",
                                         "return",
                                         "short",
                                         "signed",
                                         "sizeof",
                                         "static",
                                         "static_assert",
                                         "static_cast",
                                         "struct",
                                         "switch",
                                         "synchronized",
                                         "template",
                                         "this",
                                         "thread_local",
                                         "throw",
                                         "true",
                                         "try",
                                         "typedef",
                                         "typeid",
                                         "typename",
                                         "union",
                                         "unsigned",
                                         "using",
                                         "virtual",
                                         "void",
                                         "volatile",
                                         "wchar_t",
                                         "while",
                                         "xor",
                                         "xor_eq"};
static_assert(std::is_sorted(std::begin(keywords), std::end(keywords)));

bool is_keyword(std::string_view name) {
  return std::binary_search(std::begin(keywords), std::end(keywords), name);
}

std::string qualified(std::string_view full_name, std::string_view suffix) {
  const cpp_name split_name = split(full_name);
  return (split_name.space.empty() ? "" : "::" + split_name.space) + "::" + split_name.name +
         std::string(suffix);
}

}  // namespace

std::string escaped(std::string_view name) { return std::string(name) + (is_keyword(name) ? "_" : ""); }

cpp_name split(std::string_view full_name) {
  cpp_name out;
  std::size_t begin = 0;
  for (std::size_t dot; (dot = full_name.find('.', begin)) != std::string_view::npos; begin = dot + 1) {
    const auto part = full_name.substr(begin, dot - begin);
    if (is_keyword(part))
      throw std::runtime_error("the namespace of " + std::string(full_name) +
                               " contains a keyword of C++, which flatc writes as it is: rename it");
    out.space += (out.space.empty() ? "" : "::") + std::string(part);
  }
  out.name = escaped(full_name.substr(begin));
  return out;
}

std::string object_type(std::string_view full_name) { return qualified(full_name, "T"); }
std::string plain_type(std::string_view full_name) { return qualified(full_name, ""); }

}  // namespace quipu::schema_tool
