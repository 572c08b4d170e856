/// What the server says about a message that a consumer delivers, in the message's reply subject.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace quipu::journal::jetstream {

struct delivery {
  std::string_view consumer;
  std::uint64_t stream_sequence = 0;    ///< the record's number
  std::uint64_t consumer_sequence = 0;  ///< 1, 2, 3 … in each consumer's life
};

/// $JS.ACK.STREAM.CONSUMER.DELIVERED.STREAM_SEQ.CONSUMER_SEQ.TIME.PENDING, or the newer form with domain and account
/// behind ACK. Nothing for any other text.
std::optional<delivery> read_delivery(std::string_view reply_subject);

}  // namespace quipu::journal::jetstream
