/// For people who bring CAF actors: a runtime on their actor_system, asks from their actors, notices as messages.
/// The only public header that names CAF; link CAF yourself. docs/guide-caf.md shows how it is used.
///
///     caf::actor_system_config config;
///     quipu::configure(config);
///     caf::actor_system system(config);
///     auto rt = quipu::runtime::open(bank, quipu::monitor({.directory = "./data"}, printer), &system);
///
///     // in an event-based actor
///     quipu::ask<account>(self, *rt, 2s, "acc-17", bank::WithdrawT{.amount = 50})
///         .then([](const quipu::answer<bank::BalanceT>& said) { … }, [](const caf::error& why) { … });
///
/// A runtime on an actor_system of yours
/// - options.threads is not used: partitions share the system's scheduler with your actors, and an actor that blocks one
///   of its threads holds them up.
/// - On the system's threads (blocking actors in threads of their own included) get() and wait_for() do not wait and
///   wait_for_room does not block, for what they wait for may need that very thread: ask() below instead.
/// - close() and the runtime's destructor wait for the partitions: call them where the system was made, never from an actor,
///   and before the system goes. (A system does not go before every ask of its actors is answered.)
#pragma once

#include <quipu/runtime.hpp>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/config.hpp>
#include <caf/error.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#if CAF_VERSION >= 10000
#include <caf/type_id.hpp>
#endif

namespace quipu {

/// Before the actor_system is made: it will know Quipu's messages and print its errors, its scheduler is `sharing`
/// (work stealing, CAF's default, collapses when its threads reach the number of cores), and its threads are known as
/// such. A program may set another policy after it.
void configure(caf::actor_system_config& config);

/// `how`, with every notice sent to an actor as a message `quipu::notice` too, after options.on_notice was called. The
/// runtime keeps the actor from ending for want of references.
options monitor(options how, caf::actor to);

/// The error as CAF has it, in the category `quipu`; system.render() prints kind and text.
caf::error to_caf(const error& what);
/// The other way; empty where the error is not Quipu's (of a time-out of CAF's, for example: caf::sec::request_timeout).
std::optional<error> from_caf(const caf::error& what);

namespace host {

/// What asker, answerer and runtime say to each other. An answer's type is known to the asker and the runtime only; an
/// error is wrapped, for CAF takes a bare one for something else.
struct caf_question {};
struct caf_answer {
  std::shared_ptr<void> content;
};
struct caf_failed {
  caf::error why;
};
#if CAF_VERSION >= 10000
enum class caf_failure : std::uint8_t {};  ///< an error_kind, counted from 1
std::string to_string(caf_failure code);
#endif

/// One ask: waits for a question and for what to answer it with, answers and is gone.
caf::actor spawn_answerer(caf::actor_system& system);
void send_answer(const caf::actor& answerer, std::shared_ptr<void> content);
void send_error(const caf::actor& answerer, const error& why);

template <class R>
struct answer_through {
  caf::actor answerer;
  void operator()(result<answer<R>>&& outcome) {
    if (outcome)
      send_answer(answerer, std::make_shared<answer<R>>(std::move(*outcome)));
    else
      send_error(answerer, outcome.error());
  }
};

}  // namespace host

/// What ask() gives an actor; used like the handle of CAF's request(), and at once. `value` is called as
/// value(answer<R>&&), `error` as error(const caf::error&), both as messages to the actor, one of them once; without
/// `error` an error goes where the actor's unhandled errors go.
template <class R, class Handle>
class [[nodiscard("say what is to be done with the answer: then(), await() or receive()")]] caf_future {
 public:
  explicit caf_future(Handle handle) : handle_(std::move(handle)) {}

  /// Event-based actors: other messages are handled meanwhile.
  template <class V>
  void then(V value) {
    handle_.then(unpacked(std::move(value)));
  }
  template <class V, class E>
  void then(V value, E error) {
    handle_.then(unpacked(std::move(value)), typed(std::move(error)));
  }
  /// Event-based actors: other messages wait.
  template <class V>
  void await(V value) {
    handle_.await(unpacked(std::move(value)));
  }
  template <class V, class E>
  void await(V value, E error) {
    handle_.await(unpacked(std::move(value)), typed(std::move(error)));
  }
  /// Blocking actors and scoped ones: blocks.
  template <class V, class E>
  void receive(V value, E error) {
    handle_.receive(unpacked(std::move(value)), typed(std::move(error)));
  }

 private:
  template <class V>
  static auto unpacked(V value) {
    return [call = std::move(value)](const host::caf_answer& got) mutable {
      call(std::move(*std::static_pointer_cast<answer<R>>(got.content)));
    };
  }
  template <class E>
  static auto typed(E error) {
    return [call = std::move(error)](caf::error& why) mutable { call(std::as_const(why)); };
  }

  Handle handle_;
};

/// Sends a command for an actor: `self` is an event-based, a blocking or a scoped actor, `timeout` a duration or
/// caf::infinite. Asks of one actor to one entity take effect in the order in which it asked; the
/// answers may come in another.
///
/// At the time-out the actor is told caf::sec::request_timeout; the command goes on, and its outcome is unknown to the
/// actor until it asks again with the same command id. The ask's own deadline (options.deadline) stands beside it. With
/// wait_for_room the command waits in line for room, and the actor does not (a scoped actor on a thread of your own does).
///
/// An actor that ends is not told any more; its command takes its way. A runtime that closes tells `not_open` or
/// `unknown_outcome`, as always.
template <class A, class Self, class Timeout, class C>
auto ask(const Self& self, runtime& rt, Timeout timeout, std::string key, C command, ask_options how = {}) {
  using R = reply_of<A, C>;
  const auto answerer = host::spawn_answerer(self->home_system());
  auto handle = self->request(answerer, timeout, host::caf_question{});
  rt.ask<A>(std::move(key), std::move(command), std::move(how), host::answer_through<R>{answerer});
  return caf_future<R, decltype(handle)>(std::move(handle));
}

}  // namespace quipu

#if CAF_VERSION >= 10000
CAF_BEGIN_TYPE_ID_BLOCK(quipu, caf::first_custom_type_id + 720)
CAF_ADD_TYPE_ID(quipu, (quipu::notice))
CAF_ADD_TYPE_ID(quipu, (quipu::host::caf_answer))
CAF_ADD_TYPE_ID(quipu, (quipu::host::caf_question))
CAF_ADD_TYPE_ID(quipu, (quipu::host::caf_failed))
CAF_ADD_TYPE_ID(quipu, (quipu::host::caf_failure))
CAF_END_TYPE_ID_BLOCK(quipu)
CAF_ERROR_CODE_ENUM(quipu::host::caf_failure)
#endif
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(quipu::notice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(quipu::host::caf_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(quipu::host::caf_question)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(quipu::host::caf_failed)
