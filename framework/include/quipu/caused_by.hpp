/// Handing on what a command was asked with, so that what follows from it can be followed: its headers, its trace, and
/// the command itself as the cause.
///
///     rt.ask<shipment>(id, shop::ShipT{…}, quipu::caused_by(commit, record));
#pragma once

#include <quipu/journal/record.hpp>
#include <quipu/options.hpp>

namespace quipu {

/// Options for what follows from a command. A command without a trace begins one: its own id.
inline ask_options caused_by(command_id command, id128 trace, std::vector<header> headers) {
  ask_options out;
  out.headers = std::move(headers);
  out.trace = trace ? trace : command;
  out.causation = command;
  return out;
}

/// From where it is decided.
inline ask_options caused_by(const context& about) {
  return caused_by(about.command(), about.trace(), {about.headers().begin(), about.headers().end()});
}

/// From its answer, and the options that it was asked with.
template <class R>
ask_options caused_by(const answer<R>& got, const ask_options& asked_with) {
  return caused_by(got.command, asked_with.trace, asked_with.headers);
}

/// From its commit, as a reader of the journal sees it; `in` is the record of the commit.
inline ask_options caused_by(const journal::commit_view& commit, const journal::record_view& in) {
  std::vector<header> headers;
  headers.reserve(commit.header_count);
  for (std::uint32_t i = 0; i < commit.header_count; ++i) {
    const auto one = in.header(commit, i);
    headers.push_back({std::string(one.name), std::string(as_text(one.value))});
  }
  return caused_by(commit.command, commit.trace, std::move(headers));
}

}  // namespace quipu
