/// Help that fits the terminal, however wide its author's was.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quipu::tool {

/// No line longer than that, as far as its words allow: prose is filled anew, the second column of a list is kept, and commands among
/// the examples go on behind a backslash.
std::string fitted(std::string_view help, std::size_t columns);

}  // namespace quipu::tool
