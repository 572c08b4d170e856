#include "command.hpp"

namespace quipu::tool {

exit_code give_up(const journal::failure& why) {
  complain(describe(why));
  return why.kind == journal::failure_kind::invalid ? exit_code::wrong_usage : exit_code::not_opened;
}

}  // namespace quipu::tool
