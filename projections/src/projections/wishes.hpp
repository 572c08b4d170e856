/// What processes beside the one that keeps a generation want of it, as files in the generation's directory: only the keeper
/// writes to the store itself.
///
///     wishes/ID.wish      somebody wants it; whoever takes the file away first, the keeper or who wished, decides
///     wishes/ID.taken     the keeper is about it; one that finds such a file does it again, for another one died over it
///     wishes/ID.answer    what came of it
#pragma once

#include "projections/failures.hpp"

#include <quipu/projections/dead_letter.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace quipu::projecting {

/// Nothing is kept in memory: every call looks at the disk.
class wishes {
 public:
  explicit wishes(const std::filesystem::path& generation) : place_(generation / "wishes") {}

  /// Durable when it returns. Its id.
  result<std::string> leave(const letter_wish& wish) const;
  /// Nothing: there is none yet. It is taken away.
  std::optional<result<released>> answer(const std::string& id) const;
  enum class withdrawn : std::uint8_t {
    yes,          ///< nobody has it, nobody will
    in_the_work,  ///< the keeper has taken it
  };
  withdrawn withdraw(const std::string& id) const;

  /// For who wished, when the keeper died over it: nobody does it again. False: there is nothing of the kind.
  bool forget(const std::string& id) const;

  /// For the keeper: does what there is to do, one after the other, and answers.
  void grant(const std::function<result<released>(const letter_wish&)>& how) const;

 private:
  std::filesystem::path file(const std::string& id, const char* stage) const;

  std::filesystem::path place_;
};

/// By who has retry(), retry_all() and skip().
template <class Keeper>
result<released> granted(const letter_wish& wish, Keeper& by) {
  switch (wish.done) {
    case letter_wish::what::retry:
      return by.retry(wish.event);
    case letter_wish::what::retry_all:
      return by.retry_all();
    case letter_wish::what::skip:
      return by.skip(wish.event, wish.reason);
  }
  return fail(error_code::projection_damaged, "somebody wishes what is not known here");
}

}  // namespace quipu::projecting
