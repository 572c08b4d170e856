/// Modules: a domain as a shared library, for programs that were built without it (`quipu module info`).
///
///     // module.cpp, built by quipu_add_module(bank_module module.cpp)
///     #include <quipu/module.hpp>
///     QUIPU_MODULE(quipu::domain{"bank", quipu::entities<account>})
#pragma once

#include <quipu/domain.hpp>
#include <quipu/port/module_entry.hpp>
#include <quipu/result.hpp>

#include <filesystem>
#include <string>

/// Makes of a quipu::domain (an expression) the module of this shared library. Once a library, outside of any namespace.
/// The expression is evaluated when the module is loaded, not before: what it throws is an error for the loader. What an
/// object at namespace scope throws while the library is loaded ends the process: give a function or the domain itself.
#define QUIPU_MODULE(...)                                                                                  \
  extern "C" __attribute__((visibility("default"))) const ::quipu::port::module_entry* quipu_module() {    \
    static constexpr ::quipu::port::module_entry entry{QUIPU_VERSION, QUIPU_ABI,                           \
                                                       []() -> const ::quipu::domain& {                    \
                                                         static const ::quipu::domain whole = __VA_ARGS__; \
                                                         return whole;                                     \
                                                       }};                                                 \
    return &entry;                                                                                         \
  }

namespace quipu {

/// A module that was loaded. A value: its library stays in this process until the process ends, for its code and types may
/// be in use anywhere.
class module {
 public:
  /// For load_module(). `whole` is in static storage.
  module(std::filesystem::path file, const quipu::domain& whole) :file_(std::move(file)), domain_(&whole) {}

  const std::filesystem::path& file() const { return file_; }  ///< absolute
  const quipu::domain& domain() const { return *domain_; }     ///< well_formed(), in static storage

 private:
  std::filesystem::path file_;
  const quipu::domain* domain_;
};

/// Loads a module into this process, which runs its code: load what you trust. Thread-safe. The same file again is the same
/// module; a file that was built anew since is another one.
/// Errors: `invalid` for what is no module, was built with another Quipu (QUIPU_VERSION or QUIPU_ABI), or has a domain
/// that is not well-formed; `faulted` where its code throws. The text says the cure.
result<module> load_module(const std::filesystem::path& file);

}  // namespace quipu
