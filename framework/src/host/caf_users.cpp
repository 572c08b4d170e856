// What is behind quipu/caf.hpp.
#include <quipu/caf.hpp>

#include "host/caf_seam.hpp"
#include "host/runtime_thread.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/thread_hook.hpp>

#include <cstdint>
#include <optional>

namespace quipu {
namespace host {
namespace {

// Marks every thread of a system for as long as it lives.
class marking final : public caf::thread_hook {
 public:
  void init(caf::actor_system&) override {}
#if CAF_VERSION >= 10000
  void thread_started(caf::thread_owner) override { mark(); }
#else
  void thread_started() override { mark(); }
#endif
  void thread_terminates() override {}

 private:
  static void mark() { thread_local const runtime_thread_mark for_ever; }
};

// What goes with an error: text, the two halves of the command id, retry_after in ms, error_code.
bool is_whole(const caf::message& context) {
  return context.match_elements<std::string, std::uint64_t, std::uint64_t, std::int64_t, std::uint32_t>();
}

// 0 would be no error.
constexpr std::uint8_t code_of(error_kind kind) {
  return static_cast<std::uint8_t>(static_cast<int>(kind) + 1);
}

#if CAF_VERSION >= 10000
caf::error packed(std::uint8_t code, caf::message context) {
  return caf::error{static_cast<caf_failure>(code), std::move(context)};
}
bool is_ours(const caf::error& what) { return what && what.category() == caf::type_id_v<caf_failure>; }
#else
caf::error packed(std::uint8_t code, caf::message context) {
  return caf::error{code, caf::atom("quipu"), std::move(context)};
}
bool is_ours(const caf::error& what) { return what && what.category() == caf::atom("quipu"); }

std::string render(std::uint8_t code, caf::atom_value, const caf::message& context) {
  std::string text{name_of(static_cast<error_kind>(code - 1))};
  if (is_whole(context)) text += ": " + context.get_as<std::string>(0);
  return text;
}
#endif

class answerer final : public caf::event_based_actor {
 public:
  explicit answerer(caf::actor_config& config) : caf::event_based_actor(config) {}

  caf::behavior make_behavior() override {
    return {
        [this](const caf_question&) {
          promise_ = make_response_promise();
          return promise_;
        },
        [this](const caf_answer& what) { settle(what); },
        [this](const caf_failed& what) { settle(what.why); },
    };
  }

 private:
  // The question was sent before the command was, so it has been here.
  template <class What>
  void settle(const What& what) {
    promise_.deliver(What(what));
    quit();
  }

  caf::response_promise promise_;
};

}  // namespace

#if CAF_VERSION >= 10000
std::string to_string(caf_failure code) {
  return std::string(name_of(static_cast<error_kind>(static_cast<int>(code) - 1)));
}
#endif

caf::actor spawn_answerer(caf::actor_system& system) { return system.spawn<answerer>(); }

void send_answer(const caf::actor& to, std::shared_ptr<void> content) {
  seam::send(to, caf_answer{std::move(content)});
}

void send_error(const caf::actor& to, const error& why) { seam::send(to, caf_failed{to_caf(why)}); }

}  // namespace host

void configure(caf::actor_system_config& config) {
  host::seam::declare_messages();
#if CAF_VERSION >= 10000
  caf::init_global_meta_objects<caf::id_block::quipu>();
  config.set("quipu.configured", true);
  config.set("caf.scheduler.policy", "sharing");
#else
  config.add_error_category(caf::atom("quipu"), host::render);
  config.set("scheduler.policy", caf::atom("sharing"));
#endif
  config.add_thread_hook<host::marking>();
}

options monitor(options how, caf::actor to) {
  how.on_notice = [before = std::move(how.on_notice), to = std::move(to)](const notice& what) {
    if (before) before(what);
    host::seam::send(to, notice(what));
  };
  return how;
}

caf::error to_caf(const error& what) {
  return host::packed(host::code_of(what.kind),
                      caf::make_message(what.text, what.command.high, what.command.low,
                                        static_cast<std::int64_t>(what.retry_after.count()),
                                        static_cast<std::uint32_t>(what.code)));
}

std::optional<error> from_caf(const caf::error& what) {
  if (!host::is_ours(what) || !host::is_whole(what.context())) return std::nullopt;
  const auto& context = what.context();
  return error(static_cast<error_code>(context.get_as<std::uint32_t>(4)), context.get_as<std::string>(0),
               command_id{context.get_as<std::uint64_t>(1), context.get_as<std::uint64_t>(2)},
               std::chrono::milliseconds(context.get_as<std::int64_t>(3)));
}

}  // namespace quipu
