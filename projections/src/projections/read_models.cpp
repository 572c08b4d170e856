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
  auto skips = shelf_->skipped_in_live(what);
  if (!skips) return std::unexpected(skips.error());
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

journal::result<std::unique_ptr<port::rows>> read_models::look_at(const port::projection_type& what) {
  return shelf_->look_at(what);
}

}  // namespace quipu
