/// Whether the journal itself says what the clients were told.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "books.hpp"

namespace quipu::test::crash {

/// Reads every record of the journal (`lmdb:` is the one in `directory`; nobody may write it): its chains, its accounts'
/// sequences, and that each commit is a command that was acknowledged and each acknowledged command is a
/// commit, once. Returns the number of events; what is wrong goes into the books.
std::uint64_t check_journal(const std::string& url, const std::filesystem::path& directory, books& books);

}  // namespace quipu::test::crash
