/// Answers, rejections and errors: what a caller gets to know.
#pragma once

#include <quipu/journal/error_code.hpp>
#include <quipu/journal/id.hpp>
#include <quipu/journal/position.hpp>

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace quipu {

using command_id = id128;

/// Why there is no answer. The set is closed; what each says about the command is part of its meaning.
enum class error_kind : std::uint8_t {
  overloaded,       ///< not done: a bound is reached; come back after `retry_after`
  unavailable,      ///< not done: the journal cannot be reached or the partition is not serving
  unknown_outcome,  ///< may have taken effect: asking again with the same command id is safe and tells
  expired,   ///< too late: the deadline passed before it was decided (not done), or the id is older than what
             ///< the entity remembers (outcome unknown, never executed again), or a reaction's command took
             ///< effect before and its answer is forgotten; the code says which
  conflict,  ///< not done: the id was used with another body, or the expected sequence is not the entity's
  superseded,  ///< not done: another process owns the partition now
  refused,  ///< not done: over a size limit, or the journal refuses (out of space); the text says the numbers
  corrupt,  ///< not done: stored data of this entity cannot be read or replayed; the entity is quarantined
  faulted,  ///< not done: the domain's own code threw; the text is the exception's
  not_open,  ///< not done: the runtime is closing or closed
  invalid,   ///< not done: the call itself is wrong (empty key, unknown category, null in a vector of tables)
};

std::string_view name_of(error_kind kind);

/// The kind that goes with a code; of a code of the journal, what its failure is called towards callers.
error_kind kind_of(error_code code);

struct error {
  error_kind kind;
  error_code code;   ///< finer than the kind, and as stable: docs/errors.md, `quipu explain CODE`
  std::string text;  ///< a sentence or two for people: what, where, how to mend it
  command_id command;
  std::chrono::milliseconds retry_after;  ///< a hint, with `overloaded` and `unavailable`

  /// The kind is the code's.
  error(error_code which, std::string says, command_id of = {},
        std::chrono::milliseconds come_back = std::chrono::milliseconds(0))
      : kind(kind_of(which)), code(which), text(std::move(says)), command(of), retry_after(come_back) {}
};

/// For people, in two lines: kind, code and text, then what to do.
std::string describe(const error& why);

template <class T>
using result = std::expected<T, error>;

/// A domain "no": an answer, not an error. It rests on durable state like any other answer.
struct rejection {
  std::string code;  ///< for programs: "insufficient_funds"
  std::string text;  ///< for people, may be empty
};

/// What an entity answered: a value or a rejection, and where the entity stood.
template <class R>
struct answer {
  std::expected<R, rejection> outcome;
  std::uint64_t sequence = 0;  ///< of the entity's last event when it answered
  quipu::position
      position;  ///< of the command's last event; of the entity's last event where it recorded none
  command_id command;
  /// The command had taken effect before; this is the original answer. (Where that is not remembered any more, and a
  /// reaction's mark alone says that it took effect, there is no answer: the error `command.handled_before`.)
  bool repeat = false;

  bool accepted() const { return outcome.has_value(); }
  explicit operator bool() const { return accepted(); }
  const R& value() const { return outcome.value(); }
  const R& operator*() const { return *outcome; }
  const R* operator->() const { return &*outcome; }
  const quipu::rejection& rejected() const { return outcome.error(); }
};

/// The answer to a command that was sent as bytes: the reply's packed FlatBuffers table, of the type that the command's
/// port::command_type names; empty where it has none.
using packed_answer = answer<bytes>;
using packed_handler = std::move_only_function<void(result<packed_answer>)>;

}  // namespace quipu
