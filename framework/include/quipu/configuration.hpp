/// Options from code, a JSON file and the environment. Every key with its unit, default and reason: docs/configuration.md.
///
///     auto how = quipu::configured({.directory = "./data"}, {.file = "quipu.json"});
///     if (!how) return fail(how.error().text);
///     auto rt = quipu::runtime::open(bank, *how);
///
/// What is said later wins, key by key: the defaults, then what the code says, then the file, then the environment.
#pragma once

#include <quipu/options.hpp>
#include <quipu/result.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace quipu {

/// Where options are said besides the code.
struct configuration_sources {
  std::filesystem::path file = {};  ///< a JSON object, nested as `options` is; empty: none
  bool environment = true;          ///< the variables QUIPU_…; an empty one says nothing
};

/// The options to open a runtime with. `invalid` names the place, the key, what is wrong with it and how to mend it: an
/// unknown key (with the nearest known one), a wrong type or unit, a value out of range, a file that cannot be read or
/// is no JSON (with line and column). No error repeats a secret. Reads the environment: nobody may set it meanwhile.
result<options> configured(options from_code, const configuration_sources& from = {});

/// One key of the table.
struct configuration_key {
  std::string name;      ///< "admission.commands_per_partition": the path in the file
  std::string type;      ///< "whole number, 1 to 4096", "duration, at least 1 ms"
  std::string standard;  ///< the default, as it may be written; empty: nothing
  std::string variable;  ///< of the environment
  std::string reason;    ///< what it is for
  bool secret = false;   ///< its value is never shown
};
std::vector<configuration_key> configuration_keys();

/// What holds for one key, for people.
struct configured_value {
  std::string name;
  std::string value;   ///< as it may be written in a file; `…` for a secret that is given
  std::string source;  ///< "default", "code", the file's path, or the variable's name
};
/// All keys in the order of the table; fails as configured() does.
result<std::vector<configured_value>> effective_configuration(const options& from_code,
                                                              const configuration_sources& from = {});

}  // namespace quipu
