/// Bytes that FlatBuffers may read in place.
#pragma once

#include <quipu/journal/id.hpp>

namespace quipu::journal {

/// A copy where the bytes do not lie on an 8-byte boundary, the caller's bytes themselves where they do.
class aligned_bytes {
 public:
  explicit aligned_bytes(bytes_view data) : view_(data) {
    if (reinterpret_cast<std::uintptr_t>(data.data()) % 8 == 0) return;
    copy_.assign(data.begin(), data.end());
    view_ = copy_;
  }
  aligned_bytes(const aligned_bytes&) = delete;
  aligned_bytes& operator=(const aligned_bytes&) = delete;

  bytes_view view() const { return view_; }

 private:
  bytes copy_;
  bytes_view view_;
};

}  // namespace quipu::journal
