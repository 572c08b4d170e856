/// Values as they are written: read into options, and written out again.
#pragma once

#include "config/key_table.hpp"

#include <string>
#include <string_view>

namespace quipu::config {

/// Sets what the key stands for. Empty: done; else what is wrong with it ("has no unit"), and nothing was set.
std::string set(const key& what, options& in, std::string_view text);
/// What set() would read; a duration or a size in the largest unit that takes no fraction.
std::string get(const key& what, options& from);
/// The same as it may be shown: `…` for a secret.
std::string show(const key& what, options& from);

bool within(const key& what, options& from);
/// "whole number, 1 to 4096"
std::string type_text(const key& what);
/// "1 to 4096", "at least 1 ms"; empty where everything goes.
std::string range_text(const key& what);
/// For an error: what to write instead.
std::string advice(const key& what);

}  // namespace quipu::config
