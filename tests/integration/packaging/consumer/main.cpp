/// `counter DIRECTORY MODULE`: adds 2 to what is in DIRECTORY, and tells what it and MODULE are.
#include <quipu/module.hpp>
#include <quipu/runtime.hpp>

#include <cstdio>

#include "counter.hpp"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  auto rt = quipu::runtime::open(counters(), {.directory = argv[1], .journal = "lmdb:", .partitions = 2});
  if (!rt) return std::fprintf(stderr, "%s\n", rt.error().text.c_str()), 3;
  const auto total = rt->ask<counter>("mine", counting::AddT{.amount = 2}).get();
  if (!total) return std::fprintf(stderr, "%s\n", total.error().text.c_str()), 3;
  const auto module = quipu::load_module(argv[2]);
  if (!module) return std::fprintf(stderr, "%s\n", module.error().text.c_str()), 3;
  std::printf("total %lld, module of %s\n", static_cast<long long>((*total)->amount),
              module->domain().name().c_str());
  return rt->close().complete() ? 0 : 1;
}
