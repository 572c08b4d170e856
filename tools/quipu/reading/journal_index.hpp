/// The index of a journal, to read: which records hold what, and the journal's figures. A cache that may be deleted at any
/// time; `quipu journal index` makes it (index_format.hpp says how it lies on the disk).
#pragma once

#include <CLI/CLI.hpp>
#include <expected>
#include <filesystem>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <string>
#include <vector>

#include "reading/entity_records.hpp"
#include "reading/index_format.hpp"
#include "reading/journal_figures.hpp"

namespace quipu::tool {

/// Where indexes lie; empty: $XDG_CACHE_HOME/quipu, or else ~/.cache/quipu.
struct index_arguments {
  std::string directory;
};

/// Adds --index.
void add_index_option(CLI::App& app, index_arguments& into);

/// The directory of this journal's index; nothing where neither the arguments nor the environment name one.
std::optional<std::filesystem::path> place_of_index(const index_arguments& given, const id128& incarnation);
/// The index itself, in that directory.
inline constexpr auto index_file = "index";

class journal_index {
 public:
  /// The index of this journal, as far as it is to be trusted; `now` is the journal's end. Says on stderr what is wrong with
  /// one that it does not use. Beside a builder it is as the builder found it, or newer.
  static std::optional<journal_index> open(const index_arguments& given, journal::journal& of,
                                           const journal::summary& now);
  /// The same for who makes it: the error is a line for people.
  static std::expected<std::optional<journal_index>, std::string> look(const std::filesystem::path& file,
                                                                       journal::journal& of,
                                                                       const journal::summary& now);

  /// Up to which record it goes.
  record_number through() const { return through_; }
  /// Of what it covers, without what could not be read.
  const journal_figures& figures() const { return figures_; }
  /// What could not be read when the index was made.
  const std::vector<record_range>& unreadable() const { return unreadable_; }
  const index_format::reader& file() const { return file_; }

  /// Of what it covers, the records that may hold such a commit (`only`: the entity's partition), in no order; those that
  /// could not be read among them. Nothing, and a line on stderr, where it is damaged.
  std::optional<std::vector<record_range>> find(const looked_for& what,
                                                std::optional<journal::partition_id> only) const;

 private:
  explicit journal_index(index_format::reader file, std::filesystem::path name)
      : file_(std::move(file)), name_(std::move(name)) {}
  std::optional<std::string> distrust(journal::journal& of, const journal::summary& now) const;

  index_format::reader file_;
  std::filesystem::path name_;
  record_number through_ = 0;
  std::vector<record_range> unreadable_;
  journal_figures figures_;
};

}  // namespace quipu::tool
