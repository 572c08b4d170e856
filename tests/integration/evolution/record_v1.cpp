/// Writes journal_of_v1.txt to stdout: runs version 1 of the wallet and shows its journal as it lies there, byte by byte.
/// Run once, in the days of version 1; kept so that one can see how.
#include <quipu/journal/record.hpp>
#include <quipu/runtime.hpp>

#include <cstdio>
#include <filesystem>

#include "wallet_v1.hpp"

namespace {

void line(const std::string& name, quipu::bytes_view data) {
  std::printf("%s ", name.c_str());
  for (const auto byte : data) std::printf("%02x", byte);
  std::printf("\n");
}

}  // namespace

int main() {
  const auto directory = std::filesystem::temp_directory_path() / "quipu-record-v1";
  std::filesystem::remove_all(directory);
  const auto domain = quipu::domain{"wallets", quipu::entities<evolution_test::wallet_v1>};
  auto rt = quipu::runtime::open(domain, {.directory = directory, .partitions = 1, .owner = "version 1"});
  if (!rt) return std::fprintf(stderr, "%s\n", rt.error().text.c_str()), 1;
  for (const long euros : {10L, 25L})
    rt->ask<evolution_test::wallet_v1>("ada", wallet::FillT{.euros = euros}).get().value();
  rt->ask<evolution_test::wallet_v1>("ada", wallet::SpendT{.euros = 5},
                                     {.command = evolution_test::id_of_spend})
      .get()
      .value();
  rt->ask<evolution_test::wallet_v1>("bob", wallet::FillT{.euros = 7}).get().value();
  const auto log = rt->journal();
  line("header", *quipu::journal::encode_header(log->about()));
  const auto schemas = log->schemas().value();
  for (const auto& schema : schemas) line("schema " + schema.hash.hex(), schema.binary);
  const auto cursor = log->read(1);
  for (auto record = cursor->next(); record && *record; record = cursor->next())
    line("record", (*record)->data);
  rt->close();
  std::filesystem::remove_all(directory);
  return 0;
}
