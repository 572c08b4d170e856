/// A domain small enough to be checked by hand: an entity counts its knots and keeps a running hash of them,
/// so that any lost, doubled or reordered event shows in every later answer.
#pragma once

#include <quipu/port/command.hpp>
#include <quipu/port/entity_type.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace quipu::simulation {

enum class verb : std::uint8_t {
  begin,         ///< absent: begins with `count` knots; there: rejected
  tie,           ///< `count` knots more; some sums are rejected; 0 knots: accepted without events
  end,           ///< ends; no reply
  look,          ///< a read
  fault_decide,  ///< decide throws
  fault_evolve,  ///< emits a knot on which the command's evolve throws
};

struct body {
  verb what = verb::look;
  std::uint32_t count = 0;
  std::uint64_t amount = 0;

  std::uint64_t hash() const;
  std::string text() const;
};

struct knots {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  std::uint64_t hash = 0;
};

enum event_kind : std::uint32_t { begun = 0, tied = 1, ended = 2 };

/// The 16 raw bytes of an event. The attempt makes every commit traceable to the one command object that
/// caused it.
struct event_payload {
  std::uint64_t attempt = 0;
  std::uint64_t amount = 0;
};

/// What the model decides; the checks decide again and compare.
struct model_decision {
  std::string rejection;                                     ///< a code; empty: accepted
  std::vector<std::pair<event_kind, std::uint64_t>> events;  ///< with their amounts
  bool ended = false;
};

model_decision decide_model(const knots* state, const body& what);
void fold(knots& state, event_kind kind, const event_payload& payload);
/// What every answer carries: a hash of the state, another one for its absence.
std::uint64_t digest_of(const knots* state);
/// An event on which a choking version's evolve throws.
bool chokes_on(std::uint64_t amount);

/// One version of the program.
class model_type final : public port::entity_type {
 public:
  model_type(std::string name, std::uint64_t version, bool chokes, port::repeat_window remember,
             std::chrono::microseconds lives);

  port::state_handle make() const override;
  port::state_handle clone(const void* state) const override;
  void evolve(void* state, std::uint32_t event, bytes_view payload) const override;
  void save(const void* state, bytes& out) const override;
  port::state_handle load(bytes_view image) const override;
  result<std::unique_ptr<port::command>> make_command(std::uint32_t which, std::string key, bytes_view body,
                                                      std::vector<header> headers,
                                                      packed_handler&& told) const override;

 private:
  bool chokes_;
};

/// Who is told what became of a command object.
class listener {
 public:
  virtual ~listener() = default;
  /// Its decide is called, by a partition whose time is this.
  virtual void decided(std::uint64_t attempt, std::int64_t time_us) = 0;
  virtual void told(std::uint64_t attempt, const port::completion& how) = 0;
  /// The object is gone.
  virtual void gone(std::uint64_t attempt) = 0;
};

class model_command final : public port::command {
 public:
  model_command(listener& ears, std::uint64_t attempt, const body& what)
      : ears_(ears), attempt_(attempt), body_(what) {}
  ~model_command() override { ears_.gone(attempt_); }

  std::uint64_t attempt() const { return attempt_; }

  void decide(const void* state, const context& context, port::decided& out) override;
  void evolve(void* state, const port::decided& packed) const override;
  void reply(const void* state, quipu::bytes& out) const override;
  const port::named_type* reply_type() const override;
  void complete(const port::completion& how) override { ears_.told(attempt_, how); }

 private:
  listener& ears_;
  std::uint64_t attempt_;
  body body_;
  model_decision decision_;
};

}  // namespace quipu::simulation
