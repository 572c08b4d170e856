/// A module whose domain is as QUIPU_TEST_FAULT says.
#include <quipu/module.hpp>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace {

quipu::domain domain_of(const std::string& fault) {
  if (fault == "throws") throw std::runtime_error("no configuration");
  if (fault == "throws a number") throw 42;
  return quipu::domain{fault == "nameless" ? "" : "empty"};
}

}  // namespace

QUIPU_MODULE(domain_of(std::getenv("QUIPU_TEST_FAULT")))
