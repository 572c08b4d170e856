/// The read models of the flights, kept up to date from a journal.
#pragma once

#include <quipu/journal/journal.hpp>
#include <quipu/projections/read_models.hpp>

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace samples {

/// They follow the journal on threads of their own while this lives. Errors are texts for people.
class live_tables {
 public:
  /// The journal must outlive what this gives.
  static std::expected<live_tables, std::string> follow(quipu::read_models& models,
                                                        quipu::journal::journal& from);

  /// How far each is.
  std::vector<quipu::projection_status> status() const;
  /// Returns when all that is in the journal now can be read.
  std::expected<void, std::string> catch_up(std::chrono::milliseconds patience) const;

 private:
  explicit live_tables(quipu::journal::journal& from) : from_(&from) {}

  quipu::journal::journal* from_;
  std::vector<std::unique_ptr<quipu::projector>> projectors_;
};

}  // namespace samples
