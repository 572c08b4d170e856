/// Failures, as the rest of the journal's side has them, and what is thrown while rows are read as such.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/projections/rows.hpp>

#include <exception>
#include <string>
#include <type_traits>
#include <utility>

namespace quipu::projecting {

using journal::fail;
using journal::failure;
using journal::failure_kind;
using journal::result;

/// The same failure, with `where` before its text.
inline std::unexpected<failure> within(const std::string& where, failure why) {
  why.text = where + ": " + why.text;
  return std::unexpected(std::move(why));
}

template <class T>
struct as_result : std::type_identity<result<T>> {};
template <class T>
struct as_result<result<T>> : std::type_identity<result<T>> {};

/// What `work()` gives, a result or anything else. Rows that could not be read, and bytes among them that nobody wrote, are
/// failures.
template <class F>
auto guarded(F&& work) -> typename as_result<std::invoke_result_t<F&>>::type {
  try {
    return work();
  } catch (const port::row_trouble& trouble) {
    return std::unexpected(trouble.why);
  } catch (const std::exception& damage) {
    return fail(error_code::projection_damaged, damage.what());
  }
}

}  // namespace quipu::projecting
