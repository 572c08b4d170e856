#include "live_tables.hpp"

#include <utility>

#include "busiest_routes.hpp"
#include "delay_by_hour.hpp"
#include "delay_by_route.hpp"

namespace samples {

std::expected<live_tables, std::string> live_tables::follow(quipu::read_models& models,
                                                            quipu::journal::journal& from) {
  live_tables all(from);
  for (const auto* projection :
       {&quipu::projection_type_of<delay_by_route>(), &quipu::projection_type_of<delay_by_hour>(),
        &quipu::projection_type_of<busiest_routes>()}) {
    auto one = models.follow(*projection, from, {});
    if (!one) return std::unexpected("following " + projection->name + ": " + one.error().text);
    all.projectors_.push_back(std::move(*one));
  }
  return all;
}

std::vector<quipu::projection_status> live_tables::status() const {
  std::vector<quipu::projection_status> list;
  for (const auto& one : projectors_) list.push_back(one->status());
  return list;
}

std::expected<void, std::string> live_tables::catch_up(std::chrono::milliseconds patience) const {
  const auto end = from_->summarize();
  if (!end) return std::unexpected(end.error().text);
  for (const auto& one : projectors_)
    if (const auto done = one->wait_for(quipu::position::start_of(end->last), patience); !done)
      return std::unexpected(done.error().text);
  return {};
}

}  // namespace samples
