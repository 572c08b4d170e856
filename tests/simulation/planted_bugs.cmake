# Is the walk strong enough? Each bug below is one replacement in one file of the core, made in the build directory; its
# own walk must find it. A text that is not there exactly once is an error when CMake configures: the core has changed,
# and the bug has to be planted anew.

function(planted_bug name file old new)
  set(source "${CMAKE_CURRENT_SOURCE_DIR}/../../framework/src/core/${file}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
  file(READ "${source}" text)
  string(FIND "${text}" "${old}" first)
  string(FIND "${text}" "${old}" last REVERSE)
  if(first EQUAL -1 OR NOT first EQUAL last)
    message(FATAL_ERROR "planted bug ${name}: this text is not in ${file} exactly once:\n${old}")
  endif()
  string(REPLACE "${old}" "${new}" text "${text}")
  set(mutant "${CMAKE_CURRENT_BINARY_DIR}/planted_bugs/${name}.cpp")
  set(before "")
  if(EXISTS "${mutant}")
    file(READ "${mutant}" before)
  endif()
  if(NOT before STREQUAL text)
    file(WRITE "${mutant}" "${text}")
  endif()
  # The mutant's object comes before the core's archive, so that the linker takes its functions and leaves the original's.
  # Not optimised: a mutant is compiled more often than it runs.
  add_executable(walk_${name} "${mutant}")
  target_compile_options(walk_${name} PRIVATE -O0 -g0 -w)
  target_link_libraries(walk_${name} PRIVATE quipu_simulation quipu_walk_main quipu_core)
  add_test(NAME planted_bug.${name} COMMAND walk_${name} --expect-violation --schedules 100000 --seconds 120)
  set_tests_properties(planted_bug.${name} PROPERTIES LABELS planted_bugs TIMEOUT 200)
endfunction()

# Invariant 1: answers are durable, and rest on the newest state.
planted_bug(unknown_taken_for_done flight.cpp [[
      flight_->uncertain = true;
      return ask_successor();]] [[
      return landed(flight_->expected + 1, flight_->record);]])
planted_bug(reads_answered_without_asking flight.cpp [[
    flight_->kind = flight_kind::check;
    return ask_successor();]] [[
    auto entries = std::move(flight_->entries);
    *flight_ = {};
    for (auto& settled : entries) settle_answer(settled);
    return release_cells(entries);]])
planted_bug(rejections_answered_at_once deciding.cpp [[
  ++where.answers;
  auto& made = open_->entries.emplace_back();
  made.who = std::move(command);
  made.where = &where;
  made.rejected]] [[
  if (no) {
    auto& told = answer(std::move(command));
    told.rejected = std::move(no);
    told.sequence = where.durable.sequence;
    told.position = where.durable_position;
    return;
  }
  ++where.answers;
  auto& made = open_->entries.emplace_back();
  made.who = std::move(command);
  made.where = &where;
  made.rejected]])
# 2: one at a time.
planted_bug(half_a_decision_kept deciding.cpp
  "if (where.has_pending()) where.phase = cell_phase::catching_up;" "")
# 4: bounds and credits.
planted_bug(room_never_made_again partition.cpp
  "while (working && !held_.empty() && can_route(*held_.front()))" "while (false)")
# 5: repeats.
planted_bug(window_off_by_one repeats.cpp
  "while (count_ > bounds.count ||" "while (count_ >= bounds.count ||")
planted_bug(pending_repeat_not_joined deciding.cpp
  "if (!is_same(pending, *command)) continue;" "if (pending.command.low != ~command->id.low) continue;")
planted_bug(forgotten_ids_executed deciding.cpp
  "if (where.remembered.may_be_forgotten(command->id))" "if (command->id == id128{})")
planted_bug(repeats_not_in_snapshots durable_entity.cpp
  "entity.remembered.load(stored.repeats, stored.newest_forgotten)" "entity.remembered.load({}, {})")
planted_bug(fresh_while_opening deciding.cpp "command->fresh = false;" "")
# 6: fencing.
planted_bug(fence_ignored flight.cpp
  "if (flight_->kind == flight_kind::check && !found) {" "if (flight_->kind == flight_kind::check) {")
planted_bug(record_id_used_again flight.cpp "| ++record_counter_;" "| 1;")
planted_bug(epoch_not_raised flight.cpp [[
  const auto stamp = next_stamp(epoch_ + 1);
  *flight_ = {};]] [[
  const auto stamp = next_stamp(std::max<std::uint64_t>(epoch_, 1));
  *flight_ = {};]])
# 7: unknown outcomes.
planted_bug(unknown_taken_for_not_done flight.cpp [[
      flight_->uncertain = true;
      return ask_successor();]] [[
      if (flight_->kind == flight_kind::batch) return undo_flight(error_code::partition_journal_late, "no answer");
      return ask_successor();]])
planted_bug(own_record_not_known_again flight.cpp
  "if (flight_->record && stamp.id == flight_->id)"
  "if (flight_->record && stamp.id == flight_->id && flight_->attempts == 0)")
planted_bug(refusal_taken_for_a_verdict flight.cpp
  "if (flight_->refusal && !flight_->uncertain)" "if (flight_->refusal)")
planted_bug(given_up_without_a_claim flight.cpp
  "(patience_ends || flight_->refusal)) give_up_batch();"
  "(patience_ends || flight_->refusal)) return undo_flight(error_code::partition_journal_late, \"gave up\");")
# 8: a refused batch undoes speculation.
planted_bug(rollback_forgets_a_cell flight.cpp [[
  for (auto& undone : behind) {
    forget_speculation(*undone.where);]] [[
  for (auto& undone : behind) {]])
# 9, 10: snapshots and floors.
planted_bug(floor_one_too_far checkpointing.cpp
  ": cells_.dirty().front()->dirty_since;" ": position{cells_.dirty().front()->dirty_since.value + 1};")
planted_bug(speculation_in_snapshots checkpointing.cpp
  "image = encode(where, {*where.type, where.key, config_.journal.incarnation}, reply_scratch_);" [[
    if (where.has_pending()) std::swap(where.durable.state, where.newest.state);
    image = encode(where, {*where.type, where.key, config_.journal.incarnation}, reply_scratch_);
    if (where.has_pending()) std::swap(where.durable.state, where.newest.state);]])
planted_bug(dirty_cell_evicted checkpointing.cpp
  "auto& idle = cells_.idle();" "auto& idle = cells_.dirty().empty() ? cells_.idle() : cells_.dirty();")
planted_bug(lost_end_not_noticed replaying.cpp "if (view->sum() != known.sum)" "if (known.number == 0)")
planted_bug(released_before_its_row checkpointing.cpp "return where == nullptr || !where->dirty;" "return where != nullptr || true;")
# 11: faults stay small.
planted_bug(unread_history_forgotten replaying.cpp "out_->rebuilds.push_back({where->type->category, where->key});" "where->rebuilt = true;")
planted_bug(history_of_another_owner replaying.cpp
  "if (stored.number > tail_) break;" "")
# 13: time to live.
planted_bug(expiry_of_the_durable_image deciding.cpp "where.has_expired(last_time_)" [[
      where.durable.state != nullptr && where.type->time_to_live.count() != 0 &&
      where.durable.time + where.type->time_to_live.count() < last_time_]])
planted_bug(expiry_not_replayed durable_entity.cpp
  "if (commit.after_expiry || !entity.durable.state)" "if (!entity.durable.state)")
planted_bug(age_not_in_snapshots durable_entity.cpp
  "stored.time_us != 0 ? stored.time_us : entity.remembered.newest_time()" "std::int64_t{1} << 60U")
# 17: commands of reactions.
planted_bug(marks_not_in_snapshots durable_entity.cpp
  "entity.handled->load(stored.handled)" "entity.handled->load({})")
planted_bug(marks_lost_at_the_end durable_entity.cpp
  "if (commit.ended) entity.durable.state = port::no_state();"
  "if (commit.ended) entity.durable.state = port::no_state(), entity.handled.reset();")
planted_bug(settled_up_to_the_newest handled_sources.cpp
  "of->settled = source.settled;" "of->settled = std::max(source.settled, beyond.empty() ? position{} : beyond.back().at);")
