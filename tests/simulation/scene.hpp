/// One partition on a stage: commands of a transcript drive it, and what it does comes back as text.
#pragma once

#include "core/partition.hpp"
#include "memory/memory_journal.hpp"
#include "model_domain.hpp"
#include "model_store.hpp"

#include <memory>
#include <string>
#include <vector>

namespace quipu::simulation {

/// Commands: `open NAME`, `owner NAME` (whose turn it is), `ask KEY VERB [COUNT [AMOUNT]]`, `again N` (the
/// N-th command once more, under its id), `settle FATE` (of the oldest request at the journal that is waited
/// for), `late` (a delayed one arrives), `feed` (replay), `load`, `store`, `tick MILLISECONDS`, `budget
/// EVENTS`, `crash`, `close`.
class scene final : public listener {
 public:
  scene();
  ~scene() override;
  std::string play(const std::string& line);

  void decided(std::uint64_t, std::int64_t) override {}
  void told(std::uint64_t, const port::completion&) override {}
  void gone(std::uint64_t) override {}

 private:
  struct actor;
  std::string step(core::any_input input);
  void carry_out();
  std::string ask(const std::string& key, const body& what, const command_id& id);
  std::string settle(const std::string& fate_name, bool late);
  std::string feed();

  journal::memory::memory_journal log_;
  model_store store_;
  model_type cord_;
  std::vector<std::unique_ptr<actor>> actors_;
  actor* now_on_ = nullptr;
  struct asked {
    command_id id;
    std::string key;
    body what;
  };
  std::vector<asked> asked_;
  std::uint64_t attempts_ = 0;
  std::uint64_t openings_ = 0;
  core::time_us now_ = 1'000'000;
  std::string heard_;  // what callbacks of the journal led to
};

}  // namespace quipu::simulation
