/// Lines between a test and a bank's owner in a process of its own.
#pragma once

#include "client_record.hpp"

#include <optional>
#include <string>
#include <variant>

namespace quipu::test::talk {

struct sending {
  bank_command what;
};
struct answered {
  command_id which;
  bank_answer said;
};
/// "open", "refused TEXT", "superseded PARTITION", "loading", "closed".
struct word {
  std::string text;
};
using line = std::variant<sending, answered, word>;

std::string write(const bank_command& what);
std::string write(command_id which, const bank_answer& said);
line read(const std::string& text);

}  // namespace quipu::test::talk
