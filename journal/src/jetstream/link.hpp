/// One connection to a NATS server, from connecting until it is lost. It never reconnects: a lost link is thrown away
/// and a new one is made (client.hpp), so nothing of an old connection is ever sent on a new one. What cnats 3.4.1 can't
/// do safely (destroying a subscription that is alive, its reconnect buffer, giving up after two refused logins) is
/// never asked of it.
#pragma once

#include <quipu/journal/id.hpp>

#include "jetstream/settings.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::journal::jetstream {

/// A message that came in; everything is a view that ends with the handler.
struct incoming {
  std::string_view subject;
  std::string_view reply;
  std::string_view status;  ///< "503" and the like, of the server's own messages; empty for all others
  std::string_view status_text;
  bytes_view data;
};

struct header {
  const char* name;
  std::string value;
};

enum class sent : std::uint8_t { yes, no, perhaps };

class link {
 public:
  /// Called on a thread of the client library's, one for each subscription; must not block.
  struct subscription {
    std::string subject;
    std::function<void(const incoming&)> handler;
  };

  /// Blocks up to patience::connecting a server. `lost` is called once, from any thread, when the connection has ended;
  /// not by the destructor. `unavailable`: nobody there; `refused`: it would not have us.
  static result<std::unique_ptr<link>> connect(const settings& to, std::vector<subscription> wanted,
                                               std::function<void()> lost);
  /// When it returns, no handler runs any more.
  ~link();
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  /// Any thread. Blocks while the socket takes no more, at most patience::writing.
  sent publish(const std::string& subject, const std::string& reply, std::span<const header> headers,
               bytes_view data);

  /// Bytes of one message, headers included, that this server takes.
  std::size_t max_payload() const;

 private:
  struct state;
  explicit link(std::shared_ptr<state> connected);
  std::shared_ptr<state> state_;
};

}  // namespace quipu::journal::jetstream
