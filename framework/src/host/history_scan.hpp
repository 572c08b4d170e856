/// One scan of the journal for the histories of several entities.
#pragma once

#include "core/effects.hpp"
#include "host/patient_cursor.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace quipu::host {

/// The bytes of the records of one part of a history.
std::size_t history_bytes(const core::input::history& part);

/// One thread.
class history_scan {
 public:
  /// Hands over one part; false when nobody wants more.
  using deliver = std::function<bool(journal::partition_id, core::input::history)>;

  void want(journal::partition_id partition, std::string category, std::string key);
  /// Reads to the journal's end. Every entity gets its parts in order, the last of them marked complete.
  journal::result<void> run(patient_cursor& records, const deliver& hand_over);
  /// Of which entities are wanted, each once.
  std::vector<journal::partition_id> partitions() const;

 private:
  struct part {
    std::vector<journal::stored_record> records;
    std::size_t bytes = 0;
    record_number last = 0;  // a record with several commits of an entity goes to it once
  };
  using entity_name = std::pair<std::string, std::string>;
  using entities = std::map<entity_name, part>;

  bool hand_over_part(journal::partition_id partition, const entity_name& name, part& from, bool complete,
                      const deliver& hand_over);

  std::map<journal::partition_id, entities> wanted_;
};

}  // namespace quipu::host
