/// The border between a module (a shared library with a domain) and the program that loads it.
#pragma once

#include <quipu/version.hpp>

#include <string>  // also says which standard library this is

#define QUIPU_TEXT_OF(number) #number
#define QUIPU_TEXT(macro) QUIPU_TEXT_OF(macro)

/// Raise it with every change of what a module and its host share between two releases: quipu::domain, and the classes in
/// quipu/port/ and quipu/projections/projection_type.hpp, their members and virtual functions, in their order.
#define QUIPU_DOMAIN_LAYOUT "domain 3"

/// What must be the same on both sides for a domain to be understood, beside Quipu's version: the layout of the domain, and how
/// the standard library lays out its types. C++23's are not yet the same in all of its releases.
#if defined(_LIBCPP_VERSION)
#define QUIPU_ABI "libc++ " QUIPU_TEXT(_LIBCPP_ABI_VERSION) ", " QUIPU_DOMAIN_LAYOUT
#elif defined(_GLIBCXX_DEBUG)
#define QUIPU_ABI "libstdc++ " QUIPU_TEXT(_GLIBCXX_RELEASE) " in its debug mode, " QUIPU_DOMAIN_LAYOUT
#else
#define QUIPU_ABI "libstdc++ " QUIPU_TEXT(_GLIBCXX_RELEASE) ", " QUIPU_DOMAIN_LAYOUT
#endif

namespace quipu {
class domain;
}

namespace quipu::port {

/// What the one function of a module gives. Its layout is the same in every version: a loader of any other reads the two
/// texts, and nothing else.
struct module_entry {
  const char* version;               ///< QUIPU_VERSION where it was built
  const char* abi;                   ///< QUIPU_ABI there
  const quipu::domain& (*domain)();  ///< static storage; throws what the author's code throws
};

/// The type and the name of that function.
using module_function = const module_entry*();
inline constexpr const char* module_function_name = "quipu_module";

}  // namespace quipu::port
