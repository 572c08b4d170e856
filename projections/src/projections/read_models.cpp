#include <quipu/projections/read_models.hpp>

#include "projections/shelf.hpp"

#include <utility>

namespace quipu {

using projecting::applying;
using projecting::projector_thread;

namespace {

std::unique_ptr<projector> started(std::unique_ptr<projector_thread> thread) {
  thread->start();
  return std::make_unique<projector>(std::move(thread));
}

}  // namespace

read_models::read_models(std::filesystem::path directory)
    : shelf_(std::make_shared<projecting::shelf>(std::move(directory))) {}
read_models::~read_models() = default;

journal::result<std::unique_ptr<projector>> read_models::follow(const port::projection_type& what,
                                                                journal::journal& from,
                                                                const projector_options& how) {
  auto kept = shelf_->live_to_keep(what, from);
  if (!kept) return std::unexpected(kept.error());
  return started(std::make_unique<projector_thread>(std::move(*kept), how));
}

journal::result<std::unique_ptr<projector>> read_models::rebuild(const port::projection_type& what,
                                                                 journal::journal& from,
                                                                 const projector_options& how) {
  auto skips = shelf_->skipped(what.name);
  if (!skips && live(what.name) == 0U) skips.emplace();
  if (!skips)
    return projecting::within("what was skipped in the live generation can't be read", skips.error());
  auto kept = shelf_->fresh_to_keep(what, from);
  if (!kept) return std::unexpected(kept.error());
  auto thread = std::make_unique<projector_thread>(std::move(*kept), how);
  auto taken = thread->call([&](applying& work) { return work.keep_skips(*skips), journal::result<void>{}; });
  if (!taken) return std::unexpected(taken.error());
  return started(std::move(thread));
}

journal::result<void> read_models::promote(const port::projection_type& what, std::uint32_t generation,
                                           const promotion& how) {
  return shelf_->promote(what, generation, how);
}

journal::result<std::uint32_t> read_models::live(std::string_view projection) {
  return shelf_->of(projection).live();
}

journal::result<std::vector<std::uint32_t>> read_models::generations(std::string_view projection) {
  return shelf_->of(projection).all();
}

journal::result<std::vector<dead_letter>> read_models::dead_letters(std::string_view projection,
                                                                    const event_key& from,
                                                                    std::size_t limit) {
  return shelf_->dead_letters(projection, from, limit);
}

journal::result<std::uint64_t> read_models::dead_letter_count(std::string_view projection) {
  return shelf_->dead_letter_count(projection);
}

journal::result<std::vector<skipped_event>> read_models::skipped(std::string_view projection) {
  return shelf_->skipped(projection);
}

journal::result<std::unique_ptr<port::rows>> read_models::look_at(const port::projection_type& what) {
  return shelf_->look_at(what);
}

}  // namespace quipu
