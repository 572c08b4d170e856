/// What LMDB's and the system's error codes mean to a user.
#pragma once

#include <quipu/journal/failure.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace quipu::storage {

/// The text of an errno value.
std::string system_text(int error);

/// The failure for a code that LMDB or the system gave while doing `what` with the environment in
/// `directory`.
journal::failure trouble(int code, const std::filesystem::path& directory, std::string_view what);

/// Whether a code says that the disk, a quota or a limit on file sizes is exhausted.
bool out_of_space(int code);

}  // namespace quipu::storage
