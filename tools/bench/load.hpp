/// A load of deposits on the bank, with a bounded number of commands outstanding.
#pragma once

#include "account.hpp"
#include "bench.hpp"

#include <quipu/runtime.hpp>

#include <functional>

namespace bench {

quipu::result<quipu::runtime> open_bank(const setting& how);

std::string account_name(std::uint64_t number);

/// Opens every account; false (with the reason on stderr) when one can't be.
bool open_accounts(quipu::runtime& bank, const setting& how);

/// Deposits 1 to accounts in a fixed, scattered order; `note(done)` every now and then.
figures deposit(quipu::runtime& bank, const setting& how,
                const std::function<void(std::uint64_t)>& note = {});

/// The account that the i-th deposit goes to: scattered, and every account equally often
/// where the commands are a multiple of the accounts.
inline std::uint64_t account_of(std::uint64_t i, const setting& how) { return (i * 7919) % how.accounts; }

figures summarize(std::vector<float>& latencies_ms, double seconds, double events_per_batch);

}  // namespace bench
