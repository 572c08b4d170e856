/// Bytes as text: base64 of RFC 4648, with its padding and without line ends.
#pragma once

#include <optional>
#include <quipu/journal/id.hpp>
#include <string>
#include <string_view>

namespace quipu::tool {

std::string to_base64(bytes_view data);
/// Nothing for any text that to_base64() does not make.
std::optional<bytes> from_base64(std::string_view text);

}  // namespace quipu::tool
