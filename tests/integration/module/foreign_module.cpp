/// A module that says of itself what the environment says, or nothing.
#include <quipu/port/module_entry.hpp>

#include <cstdlib>

extern "C" const quipu::port::module_entry* quipu_module() {
  static const quipu::port::module_entry entry{std::getenv("QUIPU_TEST_VERSION"),
                                               std::getenv("QUIPU_TEST_ABI"), nullptr};
  return &entry;
}
