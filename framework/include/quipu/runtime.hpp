/// A node: it opens a journal, owns its partitions and lets their entities answer.
///
///     auto rt = quipu::runtime::open(bank, {.directory = "./data", .journal = "lmdb:"});
///     if (!rt) return fail(rt.error().text);
///     auto answer = rt->ask<account>("acc-17", bank::WithdrawT{.amount = 50}).get();
///
/// Threads: every member may be called from any thread, close() and the destructor from one that does not
/// belong to the runtime. What is asked for while close() runs is answered `not_open`. Callbacks run on
/// threads of the runtime (or through options.executor) and must not block.
#pragma once

#include <quipu/cxx23.hpp>

#include <quipu/caused_by.hpp>
#include <quipu/domain.hpp>
#include <quipu/future.hpp>
#include <quipu/journal/journal.hpp>
#include <quipu/options.hpp>
#include <quipu/result.hpp>
#include <quipu/status.hpp>
#include <quipu/typed_command.hpp>

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace caf {
class actor_system;
}

namespace quipu {

namespace host {

class node;

/// Keeps a promise.
template <class T>
struct keep_promise {
  quipu::promise<T> promise;
  void operator()(result<T>&& outcome) noexcept { promise.set(std::move(outcome)); }
};

/// Calls back, through the executor where there is one.
template <class T, class F>
struct call_back {
  F callback;
  const executor* through;
  void operator()(result<T>&& outcome) {
    if (through == nullptr || !*through) return callback(std::move(outcome));
    (*through)([call = std::move(callback), what = std::move(outcome)]() mutable { call(std::move(what)); });
  }
};

/// The same for one of many commands.
template <class T, class F>
struct call_back_each {
  std::shared_ptr<F> callback;
  std::size_t index;
  const executor* through;
  void operator()(result<T>&& outcome) {
    if (through == nullptr || !*through) return (*callback)(index, std::move(outcome));
    (*through)(
        [call = callback, at = index, what = std::move(outcome)]() mutable { (*call)(at, std::move(what)); });
  }
};

struct forget {
  template <class T>
  void operator()(result<T>&&) noexcept {}
};

}  // namespace host

/// A command and the entity it is for.
template <class C>
struct keyed {
  std::string key;
  C command;
};

class runtime {
 public:
  /// Opens the journal (and creates it where there is none), claims all partitions, replays their tails and
  /// returns when all serve. Errors: `invalid` for an option, `unavailable` where another process holds the
  /// directory or the journal (the text names its pid) or where it can't be reached, `corrupt` with the
  /// place, `refused` (no space, no permission).
  /// `actors`: run on that system instead of one of its own; see quipu/caf.hpp.
  static result<runtime> open(const domain& what, options how, caf::actor_system* actors = nullptr);
  /// The same with a journal that is open already; options.journal is not looked at.
  static result<runtime> open(const domain& what, std::unique_ptr<journal::journal> on, options how,
                              caf::actor_system* actors = nullptr);

  /// Closes within options.close_within.
  ~runtime();
  runtime(runtime&&) noexcept;
  runtime& operator=(runtime&&) noexcept;

  /// Sends a command; the answer rests on durable events only.
  template <class A, class C>
  future<answer<reply_of<A, C>>> ask(std::string key, C command, ask_options how = {}) {
    promise<answer<reply_of<A, C>>> mine(&resume_on());
    auto answers = mine.get_future();
    dispatch(
        make_command<A>(std::move(key), std::move(command), keep(std::move(mine)), std::move(how.headers)),
        how);
    return answers;
  }
  /// Sends a command and calls `callback(result<answer<R>>&&)` once: on a thread of the runtime, or, where
  /// the command was not admitted, on this one before ask() returns.
  template <class A, class C, std::invocable<result<answer<reply_of<A, C>>>&&> F>
  void ask(std::string key, C command, ask_options how, F callback) {
    dispatch(make_command<A>(std::move(key), std::move(command),
                             host::call_back<answer<reply_of<A, C>>, F>{std::move(callback), &resume_on()},
                             std::move(how.headers)),
             how);
  }

  /// Sends a command as soon as there is room for it, and says when that was: the future of the admission, and in it the
  /// future of the answer. For a producer that wants to be slowed down instead of being refused, without blocking a thread:
  ///
  ///     auto answer = co_await rt.offer<account>("acc-17", bank::DepositT{.amount = 5});   // goes on when admitted
  ///
  /// Those who wait are admitted in the order in which they came (a caller blocked by wait_for_room among them). The wait
  /// ends with `overloaded` after wait_for_room, at the latest at the deadline (to about a second), at once where
  /// admission.waiting_per_partition commands wait already, and with `not_open` when the runtime closes.
  template <class A, class C>
  future<future<answer<reply_of<A, C>>>> offer(std::string key, C command, ask_options how = {}) {
    using admitted = future<answer<reply_of<A, C>>>;
    promise<answer<reply_of<A, C>>> mine(&resume_on());
    promise<admitted> admission(&resume_on());
    auto answers = mine.get_future();
    auto when = admission.get_future();
    auto made =
        make_command<A>(std::move(key), std::move(command), keep(std::move(mine)), std::move(how.headers));
    if (!made) {
      admission.set(std::unexpected(answers.get().error()));
      return when;
    }
    dispatch_in_line(
        std::move(made), how,
        [tell = std::move(admission), answers = std::move(answers)](result<void> outcome) mutable {
          if (outcome)
            tell.set(std::move(answers));
          else
            tell.set(std::unexpected(std::move(outcome.error())));
        });
    return when;
  }

  /// Sends a command whose answer nobody waits for. Says whether it was admitted, and under which id: asking
  /// with that id tells later what became of it.
  template <class A, class C>
  result<command_id> tell(std::string key, C command, ask_options how = {}) {
    if (auto where = quipu_find_null(command); !where.empty())
      return std::unexpected(error(error_code::command_null, std::string(table_name<C>()) + ": " + where));
    return admit(make_command<A>(std::move(key), std::move(command), host::forget{}, std::move(how.headers)),
                 how);
  }

  /// Sends many commands at once, which costs less than asking for each. Those to one entity keep their
  /// order. Calls `each(index, result<answer<R>>&&)` once for every command, concurrently; see ask() for the
  /// threads.
  template <class A, class C, std::invocable<std::size_t, result<answer<reply_of<A, C>>>&&> F>
  void submit(std::vector<keyed<C>> commands, const ask_options& how, F each) {
    using handler = host::call_back_each<answer<reply_of<A, C>>, F>;
    const auto callback = std::make_shared<F>(std::move(each));
    std::vector<std::unique_ptr<port::command>> list;
    list.reserve(commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i)
      list.push_back(make_command<A>(std::move(commands[i].key), std::move(commands[i].command),
                                     handler{callback, i, &resume_on()}, how.headers));
    dispatch_all(std::move(list), how);
  }
  /// The same with futures, in the order of the commands.
  template <class A, class C>
  std::vector<future<answer<reply_of<A, C>>>> submit(std::vector<keyed<C>> commands,
                                                     const ask_options& how = {}) {
    std::vector<future<answer<reply_of<A, C>>>> answers;
    std::vector<std::unique_ptr<port::command>> list;
    answers.reserve(commands.size());
    list.reserve(commands.size());
    for (auto& one : commands) {
      promise<answer<reply_of<A, C>>> mine(&resume_on());
      answers.push_back(mine.get_future());
      list.push_back(
          make_command<A>(std::move(one.key), std::move(one.command), keep(std::move(mine)), how.headers));
    }
    dispatch_all(std::move(list), how);
    return answers;
  }

  /// Sends a command that is known by its bytes: `command` is an index into to.commands, `body` its packed FlatBuffers
  /// table, copied before this returns. `to` is one of the domain's entities, of this program or of a module. Otherwise
  /// as ask() with a callback: `answered` is called once, on this thread where the command was not admitted. Bytes that
  /// are no such table are `command.damaged`, an index that leads nowhere `command.unknown`.
  /// It is the same command, to repeats too, as one that is asked with its types.
  void send(const port::entity_type& to, std::uint32_t command, std::string key, bytes_view body,
            ask_options how, packed_handler answered);

  /// A copy of an entity's state, in order with the commands before it; rejected with `not_found` where there
  /// is none.
  template <class A>
  future<answer<typename A::state>> read(std::string key, ask_options how = {}) {
    promise<answer<typename A::state>> mine(&resume_on());
    auto answers = mine.get_future();
    using command = read_command<A, host::keep_promise<answer<typename A::state>>>;
    dispatch(std::make_unique<command>(std::move(key), keep(std::move(mine))), how);
    return answers;
  }

  /// 16 bytes that begin with the time (UUID version 7), growing on each thread unless the clock is set back by more than
  /// ten minutes. Make one and keep it where a repeat of the command must be known as one.
  static command_id new_command_id();
  /// The same with the time of a clock of one's own (options.clock): an id more than ten minutes ahead of it is refused.
  static command_id new_command_id(std::chrono::sys_time<std::chrono::microseconds> at);

  /// Waits up to a second for the partitions to report.
  node_status status() const;

  /// The entities of that category in the domain that it serves; null: there are none.
  const port::entity_type* entity(std::string_view category) const;

  /// The open journal, for projections and tools in this process: there is one environment a process. May be
  /// kept beyond the runtime.
  std::shared_ptr<journal::journal> journal() const;

  /// Takes no more commands, answers what was admitted, saves what is unsaved. What is not done at the
  /// deadline is told `unknown_outcome` (it was decided) or `not_open` (it was not), and stands in the
  /// report. Again: the same report.
  close_report close(std::chrono::milliseconds deadline);
  close_report close();

 private:
  explicit runtime(std::unique_ptr<host::node> node);

  template <class T>
  static host::keep_promise<T> keep(promise<T>&& mine) {
    return {std::move(mine)};
  }
  /// Null commands were told already.
  void dispatch(std::unique_ptr<port::command> command, const ask_options& how);
  void dispatch_all(std::vector<std::unique_ptr<port::command>> commands, const ask_options& how);
  void dispatch_in_line(std::unique_ptr<port::command> command, const ask_options& how,
                        std::move_only_function<void(result<void>)> admitted);
  result<command_id> admit(std::unique_ptr<port::command> command, const ask_options& how);
  const executor& resume_on() const;

  std::unique_ptr<host::node> node_;
};

}  // namespace quipu
