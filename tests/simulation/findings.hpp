/// What a schedule found: the first violation, and which invariant it breaks (docs/guarantees.md numbers them).
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace quipu::simulation {

struct violation {
  std::string invariant;  ///< "1: answers are durable", …
  std::string text;
};

/// Checks run inside callbacks of the core too, where throwing would be caught as the domain's fault: so a
/// violation is noted here and the schedule ends at its next step.
class findings {
 public:
  void report(std::string invariant, std::string text) {
    if (!first_) first_ = violation{std::move(invariant), std::move(text)};
  }
  bool any() const { return first_.has_value(); }
  const std::optional<violation>& first() const { return first_; }

 private:
  std::optional<violation> first_;
};

}  // namespace quipu::simulation
