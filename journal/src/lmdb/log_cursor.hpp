/// Reads a journal in LMDB in pieces, with no transaction open between them.
#pragma once

#include "lmdb/aligned_buffer.hpp"
#include "lmdb/log_store.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace quipu::journal::lmdb {

class log_cursor final : public cursor {
 public:
  log_cursor(const log_store& store, record_number from, std::optional<partition_id> only)
      : store_(store), from_(from == 0 ? 1 : from), only_(only) {}

  result<std::optional<stored_record>> next() override;

 private:
  struct place {
    record_number number;
    partition_id partition;
    std::size_t offset, size;
  };
  result<bool> read_chunk();
  void copy_chunk(std::size_t bytes);

  const log_store& store_;
  record_number from_;  ///< where the next chunk begins
  std::optional<partition_id> only_;
  std::shared_ptr<aligned_block[]> buffer_;
  std::vector<place> places_;
  std::size_t next_ = 0;
  std::vector<bytes_view> seen_;  ///< of the chunk being read; empty between calls
};

}  // namespace quipu::journal::lmdb
