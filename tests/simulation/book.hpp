/// The clients' own record of what they asked and what they were told, kept outside of everything that can
/// fail.
#pragma once

#include "findings.hpp"
#include "ledger.hpp"
#include "model_domain.hpp"

#include <quipu/result.hpp>

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace quipu::simulation {

/// Who served an attempt: an owner (a process) and one of its partitions.
struct seat_name {
  std::uint32_t owner = 0;
  journal::partition_id partition = 0;
  friend auto operator<=>(const seat_name&, const seat_name&) = default;
};

/// What a client wants done, under one command id; several attempts may be made at it.
struct wish {
  command_id id;
  entity_name entity;
  body what;
  std::optional<command_source> source;  ///< of a reaction; `settled` is said anew with each attempt
  bool settled = false;                  ///< an answer or a certain "no" came
  bool uncertain = false;                ///< the last that was heard is "unknown outcome"
  std::vector<std::uint64_t> attempts;
};

/// One command object.
struct attempt {
  std::uint64_t serial = 0;
  std::size_t wish = 0;
  seat_name seat;
  std::uint64_t arrival = 0;  ///< order within the seat
  bool joins = false;  ///< the seat was asked the same before: it may take that one's place in the order
  std::uint64_t durable_before = 0;  ///< the entity's sequence in the journal when it was asked
  std::uint32_t bytes = 0;
  std::int64_t deadline_us = 0;
  std::int64_t decided_us = 0;  ///< when it was decided last, as its decide was told
  std::optional<std::uint64_t> expected;
  std::optional<command_source> source;
  bool fresh = false;

  bool told = false;
  bool answered = false;  ///< told, with an answer and not an error
  error_kind error = error_kind::invalid;
  bool gone = false;      ///< the object was destroyed
  bool landed = false;    ///< the journal has a commit of this very attempt
  std::uint64_t saw = 0;  ///< answered: the sequence on which the answer rests
  bool is_repeat = false;
};

class book final : public listener {
 public:
  explicit book(findings& found) : findings_(found) {}
  /// The ledger tells of commits, the book is asked about them: they know each other.
  void read_in(const ledger& kept) { ledger_ = &kept; }

  std::size_t add_wish(const command_id& id, const entity_name& entity, const body& what,
                       const std::optional<command_source>& source = {});
  /// Up to where a reaction may say that everything is settled.
  position settled_by(std::uint64_t reaction) const;
  /// Makes the command object of a new attempt; all but seat, entity type and options are set.
  attempt& add_attempt(std::size_t wish, seat_name seat);
  std::unique_ptr<model_command> make_command(const attempt& of);

  // What the world tells the book.
  void landed(const entity_name& entity, const ledger_commit& commit);
  void journal_lost_its_end();
  void decided(std::uint64_t serial, std::int64_t time_us) override;
  void told(std::uint64_t serial, const port::completion& how) override;
  void gone(std::uint64_t serial) override;

  const std::deque<attempt>& attempts() const { return attempts_; }
  const std::vector<wish>& wishes() const { return wishes_; }
  /// Whether nobody else claimed the partition since.
  bool owns(seat_name seat) const {
    return ledger_->owner_of(seat.partition) == "owner " + std::to_string(seat.owner);
  }
  const attempt& at(std::uint64_t serial) const { return attempts_[serial - 1]; }

  /// Attempts within a seat whose command object still exists.
  struct load {
    std::uint32_t commands = 0;
    std::uint64_t bytes = 0;
  };
  load& inside_of(seat_name seat) { return inside_[seat]; }
  /// Sequences that answers of a seat rested on, by order of arrival.
  using sightings = std::map<std::uint64_t, std::uint64_t>;
  sightings& seen_by(seat_name seat, const entity_name& entity) { return seen_[{seat, entity}]; }

  /// What is allowed in this schedule, set by the world.
  struct rules {
    bool choking = false;  ///< some versions of the program choke
    bool journal_refuses = false;
    bool reading_fails = false;                    ///< snapshots or histories cannot be read now and then
    std::function<bool(seat_name)> serving;        ///< whether the seat is (still) serving
    std::function<std::int64_t(seat_name)> clock;  ///< for deadlines
    std::function<std::int64_t(seat_name)> wall;   ///< for what is stored
    /// How long an entity lives by the program that the owner of the seat runs; 0: for ever.
    std::function<std::chrono::microseconds(seat_name, const entity_name&)> time_to_live;
    std::function<void(const attempt&, const port::completion&)> heard;  ///< for transcripts
  } allowed;

  /// While a process is carried away, its commands may go without a word.
  bool burying = false;

  std::string describe(const attempt& of) const;
  std::uint64_t answers = 0, rejections = 0, repeats = 0, errors = 0, unknowns = 0;
  std::uint64_t expiries = 0;  ///< commits that begin an entity again after its time to live
  std::uint64_t handled = 0;   ///< reactions' commands that were known by their marks alone

 private:
  friend class answer_check;
  findings& findings_;
  const ledger* ledger_ = nullptr;
  std::vector<wish> wishes_;
  std::deque<attempt> attempts_;
  std::map<seat_name, load> inside_;
  std::map<std::pair<seat_name, entity_name>, sightings> seen_;
  std::map<seat_name, std::uint64_t> arrivals_;
};

/// Checks one answer (or error) against the ledger; reports what is wrong with it.
class answer_check {
 public:
  answer_check(book& kept, const ledger& log, findings& found, attempt& of, const port::completion& how);
  void run();

 private:
  void error();
  void original(const ledger_commit& commit);
  void without_events();
  void in_order(std::uint64_t saw);
  void wrong(const char* invariant, const std::string& text);

  book& book_;
  findings& findings_;
  attempt& attempt_;
  const port::completion& how_;
  const wish& wish_;
  const life* life_;
};

}  // namespace quipu::simulation
