/// Everything that differs between CAF 0.17 and CAF 1.x. A port to another version is an edit of this file.
///
/// What is used of CAF is what both have: class-based event_based_actor and a few copyable message structs,
/// their payload behind a shared pointer.
#pragma once

#include "core/effects.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#if CAF_VERSION >= 10000
#include <caf/anon_mail.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/type_id.hpp>
#else
#include <caf/atom.hpp>
#endif

namespace quipu::host::message {

/// An input for the partition; taken out by the one actor that gets it.
struct mail {
  std::shared_ptr<core::any_input> input;
};
/// There are commands in the inbox.
struct wake {};
/// It is time; void unless `alarm` is the present one, for CAF cannot cancel a delayed message.
struct tick {
  std::uint64_t alarm = 0;
};
/// Write your figures on the board.
struct report {};
/// End yourself.
struct leave {};

}  // namespace quipu::host::message

#if CAF_VERSION >= 10000
CAF_BEGIN_TYPE_ID_BLOCK(quipu_host, caf::first_custom_type_id + 700)
CAF_ADD_TYPE_ID(quipu_host, (quipu::host::message::mail))
CAF_ADD_TYPE_ID(quipu_host, (quipu::host::message::wake))
CAF_ADD_TYPE_ID(quipu_host, (quipu::host::message::tick))
CAF_ADD_TYPE_ID(quipu_host, (quipu::host::message::report))
CAF_ADD_TYPE_ID(quipu_host, (quipu::host::message::leave))
CAF_END_TYPE_ID_BLOCK(quipu_host)
#endif
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(quipu::host::message::mail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(quipu::host::message::wake)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(quipu::host::message::tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(quipu::host::message::report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(quipu::host::message::leave)

namespace quipu::host::seam {

/// The scheduler is `sharing` on purpose: the default, work stealing, collapses when its threads reach the
/// number of cores (37 thousand messages/s against 1.4 to 2.3 million, measured).
inline void configure(caf::actor_system_config& config, std::size_t threads) {
#if CAF_VERSION >= 10000
  config.set("caf.scheduler.policy", "sharing");
  config.set("caf.scheduler.max-threads", threads);
#else
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", threads);
#endif
}

/// Whether quipu::configure() was called for the system's config.
inline bool is_configured(const caf::actor_system& system) {
#if CAF_VERSION >= 10000
  return caf::get_or(system.config(), "quipu.configured", false);
#else
  return system.config().error_renderers.count(caf::atom("quipu")) != 0;
#endif
}

/// Before the first actor_system of the process; again does no harm.
inline void declare_messages() {
#if CAF_VERSION >= 10000
  caf::init_global_meta_objects<caf::id_block::quipu_host>();
  caf::core::init_global_meta_objects();
#endif
}

template <class Message>
void send(const caf::actor& to, Message what) {
#if CAF_VERSION >= 10000
  caf::anon_mail(std::move(what)).send(to);
#else
  caf::anon_send(to, std::move(what));
#endif
}

template <class Message>
void send_later(const caf::actor& to, std::chrono::microseconds in, Message what) {
#if CAF_VERSION >= 10000
  caf::anon_mail(std::move(what)).delay(in).send(to);
#else
  caf::delayed_anon_send(to, in, std::move(what));
#endif
}

}  // namespace quipu::host::seam
