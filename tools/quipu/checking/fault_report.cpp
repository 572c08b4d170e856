#include "checking/fault_report.hpp"

namespace quipu::tool {
namespace {

/// Texts of failures are sentences that end with a full stop, or don't.
std::string_view without_stop(std::string_view text) {
  return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

}  // namespace

std::string text_of(const fault& one) {
  std::string place;
  const auto add = [&](const std::string& part) { place += (place.empty() ? "" : ", ") + part; };
  const auto of = one.partition ? " of partition " + std::to_string(*one.partition) : "";
  if (one.last_record != 0)
    add("the records " + std::to_string(one.record) + " to " + std::to_string(one.last_record));
  else if (one.record != 0)
    add("record " + std::to_string(one.record) + of);
  else if (one.partition)
    add("partition " + std::to_string(*one.partition));
  if (!one.event.empty()) add(one.event);
  return printable((place.empty() ? "" : place + ": ") + std::string(without_stop(one.what)) + " [" +
                   std::string(one.code ? name_of(*one.code) : one.kind) + "]");
}

json to_json(const fault& one) {
  json out{{"fault", one.kind}};
  if (one.record != 0) out["record"] = one.record;
  if (one.last_record != 0) out["last_record"] = one.last_record;
  if (one.partition) out["partition"] = *one.partition;
  if (one.index) out["position"] = position_text(position::of(one.record, *one.index));
  if (!one.event.empty()) {
    const auto at = one.event.rfind('@');
    out["entity"] = one.event.substr(0, at);
    out["sequence"] = std::stoull(one.event.substr(at + 1));
  }
  out["what"] = valid_utf8(one.what);
  if (one.code) out["code"] = name_of(*one.code);
  return out;
}

std::string fault_count(std::uint64_t faults) {
  if (faults == 0) return "no fault";
  return std::to_string(faults) + (faults == 1 ? " fault" : " faults");
}

}  // namespace quipu::tool
