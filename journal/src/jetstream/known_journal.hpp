/// What is known of the journal at the other end, and whether a new link leads to the same one.
#pragma once

#include <quipu/journal/journal.hpp>

#include "jetstream/api.hpp"
#include "jetstream/client.hpp"
#include "jetstream/settings.hpp"
#include "jetstream/stream.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

namespace quipu::journal::jetstream {

/// Looks at every link before it is used: a server that comes back with another journal, an empty one, or one that has
/// forgotten acknowledged records is not written to. Any thread.
class known_journal {
 public:
  /// `unavailable`: look again over another link. Anything else is final.
  result<void> inspect(client& over);

  /// After a first inspection that went well.
  const identity& about() const { return *about_; }
  const keeping& kept() const { return keeping_; }
  /// The stream had no replicas when a link was looked at last.
  bool one_copy() const { return one_copy_; }

  /// This record was acknowledged or read, so somebody may rest on it: the journal can't be shorter any more, nor have
  /// another one in its place.
  void saw(record_number number, id128 id);

 private:
  result<void> look(client& over);
  result<void> compare(identity found, record_number last, client& over);
  result<void> find_newest(client& over) const;

  struct seen {
    record_number number = 0;
    id128 id;
  };
  seen newest() const;

  std::optional<identity> about_;
  std::optional<json> server_;  ///< what it says of itself
  keeping keeping_;
  std::atomic<bool> one_copy_ = false;
  mutable std::mutex guard_;
  seen newest_;
};

}  // namespace quipu::journal::jetstream
