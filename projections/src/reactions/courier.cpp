#include "reactions/courier.hpp"

#include "projections/committed_rows.hpp"
#include "projections/letters.hpp"
#include "reactions/verdict.hpp"

#include <quipu/caused_by.hpp>

#include <algorithm>
#include <utility>

namespace quipu::reacting {

using namespace std::chrono_literals;
using projecting::committed_rows;
using projecting::name_of;
using projecting::own_tables;

namespace {
constexpr auto longest_sleep = 1'000ms;
constexpr auto no_room_look = 50ms;

std::string text_of(const rejection& no) {
  return no.text.empty() ? no.code : no.code + " (" + no.text + ")";
}
position before(position at) { return {at.value - 1}; }
}  // namespace

courier::courier(const port::reaction_type& what, filling& filled, runtime& on, const reactor_options& how)
    : what_(what), filled_(filled), on_(on), how_(how), reaction_(reaction_hash(what.name)) {}

void courier::start() {
  std::lock_guard life(life_);
  if (thread_.joinable()) return;
  {
    std::lock_guard lock(mail_->mutex);
    mail_->answers.clear();
    mail_->reload = true;
    mail_->stopping = false;
  }
  failed_.reset();
  stands_ = false;
  {
    std::lock_guard lock(mutex_);  // who waits from now on does not wait for what failed before
    seen_.state = projection_state::catching_up;
    seen_.text.clear();
  }
  thread_ = std::thread([this] { run(); });
}

void courier::stop() {
  std::lock_guard life(life_);
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mail_->mutex);
    mail_->stopping = true;
    mail_->changed.notify_one();
  }
  thread_.join();
  thread_ = {};
}

void courier::wait_for_pause() { std::lock_guard turn(sending_); }

void courier::poke() {
  std::lock_guard lock(mail_->mutex);
  mail_->poked = true;
  mail_->changed.notify_one();
}

void courier::reload() {
  std::lock_guard lock(mail_->mutex);
  mail_->reload = true;
  mail_->changed.notify_one();
}

bool courier::has_room() const {
  return !stands_ && live_ + filled_.rows() < how_.outbox_most &&
         live_bytes_ + filled_.bytes() < how_.outbox_bytes_most;
}

void courier::run() {
  while (collect()) {
    for (const auto& one : answers_) take(one);
    write_down();
    read_outbox();
    check_bounds();
    send();
    publish();
    wait();
  }
}

// What came meanwhile; false: it is to stop.
bool courier::collect() {
  answers_.clear();
  std::lock_guard lock(mail_->mutex);
  std::swap(answers_, mail_->answers);
  look_ = std::exchange(mail_->poked, false) || look_;
  if (std::exchange(mail_->reload, false)) {
    lines_.clear();
    changes_.clear();
    look_at_all_ = true;
  }
  return !mail_->stopping;
}

void courier::take(const answered& one) {
  if (!lines_.contains(one.key) || changes_.contains(one.key)) return;
  auto& what = lines_.at(one.key);
  // Of the newest sending only: after an older one's "no" this one may be accepted still, and it decides.
  if (what.sending != one.sending) return;
  what.sending = 0;
  switch (verdict_on(one.answer)) {
    case verdict::accepted:
      ++counts_.accepted;
      if (!one.answer || one.answer->repeat) ++counts_.repeats;
      changes_[one.key] = std::nullopt;
      break;
    case verdict::rejected: {
      const auto no = text_of(one.answer->rejected());
      ++counts_.rejected;
      if (what.row.rejection) {
        try_again(one.key, what, "the compensation was rejected: " + no, 0ms, false);
      } else if (what.row.if_rejected) {
        auto row = what.row;
        row.rejection = no;
        changes_[one.key] = std::move(row);
      } else {
        ++counts_.unanswered;
        changes_[one.key] = std::nullopt;
      }
      break;
    }
    case verdict::later:
      try_again(one.key, what, one.answer.error().text, one.answer.error().retry_after, true);
      break;
    case verdict::unwanted:
      try_again(one.key, what, one.answer.error().text, 0ms, false);
      break;
  }
}

void courier::try_again(const row_key& key, lines::item& what, std::string why,
                        std::chrono::milliseconds hint, bool for_ever) {
  const auto now = projecting::now_us();
  if (what.tries++ == 0) what.first_failed_us = now;
  what.error = std::move(why);
  if (!for_ever) ++what.refusals;
  if (what.refusals >= how_.follow.attempts) {
    auto row = what.row;
    row.dead = true;
    row.attempts = what.tries;
    row.error = what.error;
    row.first_failed_us = what.first_failed_us;
    row.last_failed_us = now;
    changes_[key] = std::move(row);
    return;
  }
  lines_.rest(key, clock::now() + std::max(hint, wait_before(what.tries)));
}

std::chrono::milliseconds courier::wait_before(std::uint32_t attempt) {
  const auto grown = how_.follow.first_wait * (std::uint64_t{1} << std::min(attempt - 1, 16U));
  const auto most =
      static_cast<std::uint64_t>(std::min<std::chrono::milliseconds>(grown, how_.longest_wait).count());
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::uint64_t>((most + 1) / 2, most)(chance_));
}

// One transaction for all that was answered; a rejection is durable before its compensation is sent.
void courier::write_down() {
  if (changes_.empty()) return;
  const auto written = projector_->call([&](projecting::applying& work) -> journal::result<void> {
    auto& rows = work.rows();
    for (const auto& [key, row] : changes_) {
      if (row)
        rows.put(outbox_table, bytes_of(key), as_bytes(bytes_of(*row)));
      else
        rows.erase(outbox_table, bytes_of(key));
    }
    return {};
  });
  if (!written) {
    ++troubles_;
    trouble_ = written.error().text;
    return;
  }
  trouble_.reset();
  troubles_ = 0;
  for (auto& [key, row] : changes_) {
    if (row)
      lines_.change(key, std::move(*row));
    else
      lines_.done(key);
  }
  changes_.clear();
}

void courier::read_outbox() {
  if (failed_ || !(look_ || look_at_all_)) return;
  const auto& store = *projector_->kept().store;
  // In this order: everything up to `passed` is in a snapshot that is taken after it.
  const auto passed = projector_->where();
  filled_.reset();
  try {
    committed_rows look(store);
    const auto progress = look.get(projecting::meta_table, projecting::progress_key);
    const auto stored = progress ? projecting::row_in<projecting::progress_row>(*progress) : std::nullopt;

    // An event among the dead letters may lead to commands later, at a place that was passed long ago.
    const bool letters_before = first_letter_.has_value();
    first_letter_.reset();
    std::string at;
    for (; const auto found = look.at_or_after(projecting::letters_table, at); at.push_back('\0')) {
      at = found->key;
      const auto where = projecting::stored_letter(at, found->row).event().from.position;
      if (!first_letter_ || where < *first_letter_) first_letter_ = where;
    }
    const bool all = look_at_all_ || letters_before || first_letter_;
    at = all ? std::string() : bytes_of(looked_to_) + '\0';
    for (; const auto found = look.at_or_after(own_tables + outbox_table, at); at.push_back('\0')) {
      at = found->key;
      const auto key = row_key_in(at);
      looked_to_ = std::max(looked_to_, key);
      if (!lines_.contains(key)) lines_.add(key, row_in(found->row));
    }
    passed_ = passed;
    durable_ = stored ? stored->position : position{};
    look_ = look_at_all_ = false;
    if (changes_.empty()) trouble_.reset();
  } catch (const port::row_trouble& why) {
    ++troubles_;
    trouble_ = why.why.text;
  } catch (const port::damaged_payload& damage) {
    failed_ = std::string(damage.what()) + "; restore the directory of the reaction";
  }
}

void courier::check_bounds() {
  const auto most = how_.follow.dead_letters_most;
  if (failed_ || lines_.dead() <= most) return;
  failed_ = "there are " + std::to_string(lines_.dead()) +
            " commands among the dead letters and no more than " + std::to_string(most) +
            " may be; mend what refuses them and retry them, skip them, or raise " +
            "dead_letters_most; then start the reaction again [" +
            std::string(name_of(error_code::reaction_letters_full)) + "]";
}

// Up to there everything was answered and is durable: targets may forget it.
position courier::settled() const {
  auto all = durable_;
  row_key key;
  if (lines_.first(key) != nullptr) all = std::min(all, before(key.at));
  if (first_letter_) all = std::min(all, before(*first_letter_));
  return all;
}

void courier::send() {
  if (failed_ || trouble_ || look_at_all_) return;
  std::lock_guard turn(sending_);
  const auto& kept = projector_->kept();
  if (kept.home.paused(kept.number)) return;
  const auto settled_now = settled();
  const auto now = clock::now();
  while (lines_.flying() < how_.in_flight_most) {
    const auto key = lines_.take_off(now);
    if (!key) return;
    send_one(*key, settled_now);
  }
}

void courier::send_one(const row_key& key, position settled) {
  auto& what = lines_.at(key);
  what.sending = ++sendings_;
  const auto& row = what.row;
  const auto& to = row.to_send();
  const bool compensation = row.rejection.has_value();
  auto answer = [mail = mail_, key, sending = what.sending](result<packed_answer> said) {
    std::lock_guard lock(mail->mutex);
    mail->answers.push_back({key, sending, std::move(said)});
    mail->changed.notify_one();
  };
  const auto* entity = on_.entity(to.category);
  if (entity == nullptr)
    return answer(
        std::unexpected(error(error_code::command_unknown_entity,
                              "the runtime's domain has no entities of the category " + to.category)));
  const auto type =
      std::ranges::find(entity->commands, to.type, [](const auto& one) { return one.body.name; });
  if (type == entity->commands.end())
    return answer(std::unexpected(error(error_code::command_unknown,
                                        to.category + " takes no command " + to.type + " in this program")));
  auto how = caused_by(row.cause, row.trace, row.headers);
  how.source = {reaction_, key.at, static_cast<std::uint16_t>(2 * key.index + (compensation ? 1 : 0)),
                settled};
  how.command = id_of(*how.source, row.time);
  on_.send(*entity, static_cast<std::uint32_t>(type - entity->commands.begin()), to.key, to.body,
           std::move(how), std::move(answer));
}

void courier::publish() {
  live_ = lines_.live();
  live_bytes_ = lines_.live_bytes();
  stands_ = failed_.has_value();
  if (const bool room = has_room(); room != std::exchange(had_room_, room) && room) projector_->poke();
  std::lock_guard lock(mutex_);
  row_key key;
  seen_.answered = passed_;
  if (const auto* first = lines_.first_live(key); first != nullptr && before(key.at) < passed_.position)
    seen_.answered = {before(key.at), {}, first->row.time.time_since_epoch().count()};
  seen_.outbox = lines_.size();
  seen_.in_flight = lines_.flying();
  seen_.dead = lines_.dead();
  seen_.counts = counts_;
  seen_.state = lines_.live() > 0 ? projection_state::catching_up : projection_state::following;
  seen_.text.clear();
  if (const auto* what = lines_.resting()) {
    seen_.state = projection_state::waiting;
    seen_.text = what->row.to_send().type + " of " + name_of(what->row.event) + " to " +
                 what->row.to_send().target() + " was sent " + std::to_string(what->tries) +
                 " times and is sent again: " + what->error;
  }
  if (trouble_) seen_.state = projection_state::waiting, seen_.text = *trouble_;
  if (failed_) seen_.state = projection_state::failed, seen_.text = *failed_;
  changed_.notify_all();
}

void courier::wait() {
  std::chrono::milliseconds sleep = has_room() ? longest_sleep : no_room_look;
  if (trouble_) sleep = wait_before(troubles_);
  auto until = clock::now() + sleep;
  if (const auto next = lines_.next_time(); next && !failed_ && !trouble_) until = std::min(until, *next);
  std::unique_lock lock(mail_->mutex);
  const bool called = mail_->changed.wait_until(lock, until, [&] {
    return !mail_->answers.empty() || mail_->poked || mail_->reload || mail_->stopping;
  });
  if (!called) look_ = true;
}

journal::result<void> courier::wait_for(position at, clock::time_point until) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(
      lock, until, [&] { return seen_.answered.position >= at || seen_.state == projection_state::failed; });
  if (seen_.answered.position >= at) return {};
  return journal::fail(error_code::projection_late,
                       "reaction " + what_.name + " is " + std::string(name_of(seen_.state)) +
                           ", everything is answered up to record " +
                           std::to_string(seen_.answered.position.record()) + ", not yet up to record " +
                           std::to_string(at.record()) + (seen_.text.empty() ? "" : ": " + seen_.text));
}

reaction_status courier::status() {
  projecting::progress_row through;
  {
    std::lock_guard lock(mutex_);
    through = seen_.answered;
  }
  reaction_status out{projector_->status(through)};
  std::lock_guard lock(mutex_);
  out.outbox = seen_.outbox;
  out.in_flight = seen_.in_flight;
  out.accepted = seen_.counts.accepted;
  out.repeats = seen_.counts.repeats;
  out.rejected = seen_.counts.rejected;
  out.unanswered = seen_.counts.unanswered;
  out.dead_letters += seen_.dead;
  const bool goes = out.state == projection_state::catching_up || out.state == projection_state::following;
  if (goes && seen_.state != projection_state::following) {
    out.state = seen_.state;
    out.text = seen_.text;
  }
  return out;
}

}  // namespace quipu::reacting
