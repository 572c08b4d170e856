/// A teller: a CAF actor that carries orders to the bank's accounts, whatever happens on the way.
/// `caf_teller [DIRECTORY [JOURNAL]]`
#include <quipu/caf.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

#include "account.hpp"

using namespace std::chrono_literals;
using samples::account;

/// An amount to pay in, or, below zero, to pay out. It keeps its id on every way to the bank, so it takes effect once.
struct order {
  std::string account;
  std::int64_t amount = 0;
  quipu::command_id id = quipu::runtime::new_command_id();
};
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(order)

namespace {

using balance = quipu::answer<bank::BalanceT>;

class teller final : public caf::event_based_actor {
 public:
  /// Ends after so many orders.
  teller(caf::actor_config& config, quipu::runtime& bank, int orders)
      : caf::event_based_actor(config), bank_(bank), open_orders_(orders) {}

  caf::behavior make_behavior() override {
    return {[this](const order& what) {
      if (what.amount >= 0)
        carry(what, bank::DepositT{.amount = what.amount});
      else
        carry(what, bank::WithdrawT{.amount = -what.amount});
    }};
  }

 private:
  template <class C>
  void carry(const order& what, C command) {
    quipu::ask<account>(this, bank_, 2s, what.account, std::move(command), {.command = what.id})
        .then([this, what](const balance& said) { answered(what, said); },
              [this, what](const caf::error& why) { failed(what, why); });
  }

  // A "no" of the bank is an answer too.
  void answered(const order& what, const balance& said) {
    if (!said.accepted())
      std::printf("%+lld rejected: %s\n", static_cast<long long>(what.amount), said.rejected().code.c_str());
    done();
  }

  void failed(const order& what, const caf::error& why) {
    const auto error = quipu::from_caf(why);
    const bool overloaded = error && error->kind == quipu::error_kind::overloaded;
    const bool unknown =
        why == caf::sec::request_timeout || (error && error->kind == quipu::error_kind::unknown_outcome);
    if (overloaded)
      delayed_send(this, error->retry_after, what);  // not done: come back when the bank says
    else if (unknown)
      send(this, what);  // perhaps done: the same id asks what became of it, and does it if nothing did
    else {
      std::printf("%+lld given up: %s\n", static_cast<long long>(what.amount), system().render(why).c_str());
      done();
    }
  }

  void done() {
    if (--open_orders_ == 0) quit();
  }

  quipu::runtime& bank_;
  int open_orders_;
};

/// What the runtime tells about itself.
caf::behavior printer(caf::event_based_actor* self) {
  return {[self](const quipu::notice& what) {
    std::printf("%s: %s\n", std::string(name_of(what.kind)).c_str(), what.text.c_str());
    if (what.kind == quipu::notice_kind::closed) self->quit();
  }};
}

}  // namespace

int main(int argc, char** argv) {
  caf::actor_system_config config;
  quipu::configure(config);
  caf::actor_system system(config);
  caf::scoped_actor self(system);

  quipu::options how;
  how.directory = argc > 1 ? argv[1] : "teller-data";
  how.journal = argc > 2 ? argv[2] : "lmdb:";
  how.admission.commands_per_partition = 8;  // so few that the teller will be told to come back
  const auto domain = quipu::domain{"bank", quipu::entities<account>};
  auto rt = quipu::runtime::open(domain, quipu::monitor(std::move(how), system.spawn(printer)), &system);
  if (!rt) {
    std::fprintf(stderr, "caf_teller: %s\n", rt.error().text.c_str());
    return 3;
  }

  // A blocking actor receives; main is one through `self`.
  quipu::ask<account>(self, *rt, 10s, "ada", bank::OpenT{.owner = "Ada"})
      .receive([](const balance& said) { std::printf("ada %s\n", said.accepted() ? "opened" : "was there"); },
               [&](const caf::error& why) { std::printf("no account: %s\n", system.render(why).c_str()); });

  const auto ada = system.spawn<teller>(*rt, 51);
  caf::anon_send(ada, order{"ada", -1'000'000});
  for (int i = 0; i < 50; ++i) caf::anon_send(ada, order{"ada", 3});
  self->wait_for(ada);
  const auto last = system.spawn<teller>(*rt, 1);
  caf::anon_send(last, order{"ada", -25});
  self->wait_for(last);

  // get() is for threads of one's own, as this one is.
  const auto at_last = rt->read<account>("ada").get();
  if (at_last && at_last->accepted())
    std::printf("ada has %lld\n", static_cast<long long>((*at_last)->balance));
  return rt->close().complete() ? 0 : 1;
}
