/// The modules that a command was given with --module.
#pragma once

#include <expected>
#include <quipu/journal/journal.hpp>
#include <quipu/module.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "command.hpp"

namespace quipu::tool {

/// Says on stderr what went wrong, and gives the exit code of that kind of error.
exit_code give_up(const error& why);

class modules {
 public:
  /// Loads them, which runs their code. What is wrong was said on stderr. One category may stand in one module only.
  static std::expected<modules, exit_code> load(const std::vector<std::string>& files);

  bool empty() const { return all_.empty(); }
  std::vector<const port::entity_type*> entities() const;
  /// Null where none has the category.
  const port::entity_type* find(std::string_view category) const;
  /// The same, saying on stderr that there is none, and what there is.
  std::expected<const port::entity_type*, exit_code> must_find(std::string_view category) const;
  const domain& domain_of(const port::entity_type& type) const;

  /// Whether they read what the journal holds as it was meant; what is wrong was said on stderr.
  exit_code check(journal::journal& with) const;

 private:
  std::vector<module> all_;
};

}  // namespace quipu::tool
