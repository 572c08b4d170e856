// More entities than may be in memory: they stay correct under load and when rebuilt, and memory stays flat.
#include "load.hpp"

#include <algorithm>
#include <cstdio>

namespace bench {
namespace {

/// Reads every account; how many are not what the deposits make them.
std::uint64_t wrong_accounts(quipu::runtime& bank, const setting& how) {
  std::uint64_t wrong = 0;
  const auto expected = static_cast<std::int64_t>(how.commands / how.accounts);
  for (std::uint64_t first = 0; first < how.accounts; first += how.together) {
    std::vector<quipu::future<quipu::answer<bank::AccountT>>> reads;
    for (std::uint64_t i = first; i < std::min(first + how.together, how.accounts); ++i)
      reads.push_back(bank.read<samples::account>(account_name(i)));
    for (auto& read : reads) {
      const auto answer = read.get();
      if (!answer || !answer->accepted() || (*answer)->balance != expected) ++wrong;
    }
  }
  return wrong;
}

}  // namespace

int residency(const setting& how) {
  std::filesystem::remove_all(how.directory);
  std::uint64_t wrong = 0;
  {
    auto bank = open_bank(how);
    if (!bank || !open_accounts(*bank, how)) return 3;
    std::printf("%llu accounts opened: %llu resident, %.0f MB anonymous\n",
                static_cast<unsigned long long>(how.accounts),
                static_cast<unsigned long long>(bank->status().resident_entities), anonymous_mb());
    std::uint64_t next = 0;
    const auto f = deposit(*bank, how, [&](std::uint64_t done) {
      if (done < next) return;
      next += how.commands / 8;
      std::printf("%9llu deposits: %.0f MB anonymous\n", static_cast<unsigned long long>(done),
                  anonymous_mb());
      std::fflush(stdout);
    });
    std::printf("%.0f durable commands/s under the cap\n", f.per_second);
    wrong += wrong_accounts(*bank, how);
    std::printf("all read: %llu wrong, %.0f MB anonymous\n", static_cast<unsigned long long>(wrong),
                anonymous_mb());
  }
  std::filesystem::remove_all(how.directory / "checkpoints");
  auto bank = open_bank(how);
  if (!bank) return 3;
  const auto status = bank->status();
  std::printf("rebuilt from the journal in %lld ms: %llu resident, %.0f MB anonymous\n",
              static_cast<long long>(status.recovery.took.count()),
              static_cast<unsigned long long>(status.resident_entities), anonymous_mb());
  const auto wrong_again = wrong_accounts(*bank, how);
  std::printf("all read: %llu wrong, %.0f MB anonymous\n", static_cast<unsigned long long>(wrong_again),
              anonymous_mb());
  return wrong + wrong_again == 0 ? 0 : 1;
}

}  // namespace bench
