#include "owner_talk.hpp"

#include <sstream>

namespace quipu::test::talk {

std::string write(const bank_command& what) {
  std::ostringstream out;
  out << "S " << what.id.hex() << ' ' << what.account << ' ' << static_cast<int>(what.verb) << ' '
      << what.amount;
  return out.str();
}

std::string write(command_id which, const bank_answer& said) {
  std::ostringstream out;
  out << "A " << which.hex() << ' ' << static_cast<int>(said.said) << ' ' << said.sequence << ' '
      << said.position << ' ' << said.balance << ' ' << said.repeat << ' ' << static_cast<int>(said.kind)
      << ' ' << said.text;
  return out.str();
}

line read(const std::string& text) {
  std::istringstream in(text);
  std::string kind;
  std::string id;
  int number = 0;
  in >> kind >> id;
  if (kind == "S") {
    sending out{.what = {.id = id128::from_hex(id).value_or(id128{})}};
    in >> out.what.account >> number >> out.what.amount;
    out.what.verb = static_cast<bank_verb>(number);
    return out;
  }
  if (kind == "A") {
    answered out{.which = id128::from_hex(id).value_or(id128{}), .said = {}};
    auto& said = out.said;
    in >> number >> said.sequence >> said.position >> said.balance >> said.repeat;
    said.said = static_cast<bank_answer::outcome>(number);
    in >> number >> std::ws;
    said.kind = static_cast<error_kind>(number);
    std::getline(in, said.text);
    return out;
  }
  return word{text};
}

}  // namespace quipu::test::talk
