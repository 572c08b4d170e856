#include <quipu/runtime.hpp>

#include "host/clocks.hpp"
#include "host/command_ids.hpp"
#include "host/node.hpp"

namespace quipu {

std::string_view name_of(partition_phase phase) {
  switch (phase) {
    case partition_phase::opening:
      return "opening";
    case partition_phase::serving:
      return "serving";
    case partition_phase::closing:
      return "closing";
    case partition_phase::closed:
      return "closed";
    case partition_phase::superseded:
      return "superseded";
    case partition_phase::failed:
      return "failed";
  }
  return "unknown";
}

std::string_view name_of(backlog word) {
  switch (word) {
    case backlog::ok:
      return "ok";
    case backlog::low:
      return "low";
    case backlog::high:
      return "high";
  }
  return "unknown";
}

runtime::runtime(std::unique_ptr<host::node> node) : node_(std::move(node)) {}
runtime::~runtime() = default;
runtime::runtime(runtime&&) noexcept = default;
runtime& runtime::operator=(runtime&&) noexcept = default;

result<runtime> runtime::open(const domain& what, options how, caf::actor_system* actors) {
  return open(what, nullptr, std::move(how), actors);
}

result<runtime> runtime::open(const domain& what, std::unique_ptr<journal::journal> on, options how,
                              caf::actor_system* actors) {
  auto opened = host::node::open(what, std::move(on), std::move(how), actors);
  if (!opened) return std::unexpected(std::move(opened.error()));
  return runtime(std::move(*opened));
}

command_id runtime::new_command_id() { return host::make_command_id(host::system_time_us()); }
command_id runtime::new_command_id(std::chrono::sys_time<std::chrono::microseconds> at) {
  return host::make_command_id(at.time_since_epoch().count());
}
node_status runtime::status() const { return node_->status(); }
std::shared_ptr<journal::journal> runtime::journal() const { return node_->log(); }
close_report runtime::close(std::chrono::milliseconds deadline) { return node_->close(deadline); }
close_report runtime::close() { return node_->close(); }
const executor& runtime::resume_on() const { return node_->resume_on(); }

void runtime::send(const port::entity_type& to, std::uint32_t command, std::string key, bytes_view body,
                   ask_options how, packed_handler answered) {
  if (resume_on())
    answered = host::call_back<packed_answer, packed_handler>{std::move(answered), &resume_on()};
  auto made = to.make_command(command, std::move(key), body, std::move(how.headers), std::move(answered));
  if (!made) return answered(std::unexpected(std::move(made.error())));
  dispatch(std::move(*made), how);
}

const port::entity_type* runtime::entity(std::string_view category) const {
  return node_->serves().find(category);
}

void runtime::dispatch(std::unique_ptr<port::command> command, const ask_options& how) {
  node_->entrance().dispatch(std::move(command), how);
}

void runtime::dispatch_all(std::vector<std::unique_ptr<port::command>> commands, const ask_options& how) {
  node_->entrance().dispatch_all(std::move(commands), how);
}

void runtime::dispatch_in_line(std::unique_ptr<port::command> command, const ask_options& how,
                               std::move_only_function<void(result<void>)> admitted) {
  node_->entrance().dispatch_in_line(std::move(command), how, std::move(admitted));
}

result<command_id> runtime::admit(std::unique_ptr<port::command> command, const ask_options& how) {
  return node_->entrance().admit(command, how);
}

}  // namespace quipu
