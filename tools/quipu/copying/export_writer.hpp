/// Writes records as the lines of an export.
#pragma once

#include <quipu/journal/record.hpp>
#include <string>
#include <string_view>

#include "copying/export_format.hpp"
#include "reading/payload_reader.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {

/// One thread; streams, a line at a time.
class export_writer {
 public:
  /// Payloads as JSON, too, where `with_json`.
  export_writer(const export_head& head, bool with_json, output& to);

  void put(const journal::stored_record& stored, const journal::record_view& view);
  /// Records that could not be read; `last` is `first` for one.
  void put_lost(record_number first, record_number last, const std::string& why);
  /// The last line: without it, an export was cut off.
  void finish();

  const export_counts& counts() const { return counts_; }

 private:
  void put_commit(const journal::stored_record& stored, const journal::record_view& view,
                  const journal::commit_view& commit);
  std::string payload_fields(const journal::type_ref& type, bytes_view payload);
  void line(const std::string& rest);

  payload_reader payloads_;
  const bool with_json_;
  output& to_;
  line_sums sums_;
  export_counts counts_;
};

}  // namespace quipu::tool
