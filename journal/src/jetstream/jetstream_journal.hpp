/// The journal for production: one stream of NATS JetStream.
#pragma once

#include <quipu/journal/journal.hpp>
#include <quipu/journal/open.hpp>

#include "jetstream/settings.hpp"

#include <memory>

namespace quipu::journal::jetstream {

/// Makes the stream where there is none and writes the header. `exists` when it has one. What the stream's settings would
/// lose is refused.
result<void> create(const settings& where, const creation& how);

/// `not_found` without a stream or its header, `locked` while another process answers as its owner, `refused` with one
/// line for each thing that could lose data, `unavailable` when no server could be reached.
result<std::unique_ptr<journal>> open(const settings& where, const opening& how);

}  // namespace quipu::journal::jetstream
