/// Strings that came from anywhere, as JSON strings that are safe to print.
#pragma once

#include <string>
#include <string_view>

namespace quipu::journal {

/// Appends `text` in quotes. Control characters (DEL and C1 included) and the marks that change lines or the
/// direction of text are escaped, for a terminal would obey them; a byte that is no UTF-8 becomes U+FFFD.
void put_json_string(std::string& out, std::string_view text);

}  // namespace quipu::journal
