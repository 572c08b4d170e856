/// Who writes a journal, asked for and answered on NAME.owner, so that a second writer learns of the first before it
/// fences it. A courtesy: what protects the journal is the fencing of every append.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/journal/id.hpp>

#include "jetstream/client.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace quipu::journal::jetstream {

/// One opening for writing. Any thread.
class presence {
 public:
  presence(std::string subject, std::string owner);

  /// Answers whoever asks, over every link of the client's.
  link::subscription answering(std::function<void(std::string subject, std::string payload)> reply);

  /// Asks whether somebody else is there: `locked` with his name. With `take_over` he is told that he is superseded, and
  /// that is all: the claims that follow fence him. Of two that open at the same moment one is told of the other.
  result<void> ask(client& over, bool take_over);

 private:
  std::string about_me(bool opening) const;
  void answer_to(const incoming& question, const std::function<void(std::string, std::string)>& reply);

  const std::string subject_;
  const std::string owner_;
  const id128 id_ = id128::random();
  std::mutex guard_;
  bool opening_ = true;
  bool superseded_ = false;
  std::string gave_way_to_;  ///< that asked while this one was opening
};

}  // namespace quipu::journal::jetstream
