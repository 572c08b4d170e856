/// How flatc calls things in C++.
#pragma once

#include <string>
#include <string_view>

namespace quipu::schema_tool {

/// A name of a schema as `namespace::name`, split.
struct cpp_name {
  std::string space;  ///< "bank::eu"; empty: the global namespace
  std::string name;   ///< "Account"
};

/// flatc appends an underscore to what is a keyword of C++ (as it knows C++: up to 2020, without char8_t and
/// consteval).
std::string escaped(std::string_view name);

/// "bank.eu.Account" -> {"bank::eu", "Account"}. Throws std::runtime_error for a namespace that flatc cannot
/// write.
cpp_name split(std::string_view full_name);

/// "bank.eu.Account" -> "::bank::eu::AccountT", the type of the object API.
std::string object_type(std::string_view full_name);
/// "bank.eu.Point" -> "::bank::eu::Point".
std::string plain_type(std::string_view full_name);

}  // namespace quipu::schema_tool
