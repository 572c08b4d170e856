#include "projector_fixture.hpp"

namespace quipu::test {

stored_rows dump(read_models& models, const port::projection_type& what) {
  stored_rows all;
  const auto rows = models.look_at(what).value();
  for (std::uint32_t table = 0; table < what.tables.size(); ++table) {
    std::string at;
    for (; const auto found = rows->at_or_after(table, at); at.push_back('\0')) {
      at = found->key;
      all[{what.tables[table].name, at}] = as_text(found->row);
    }
  }
  return all;
}

void projector_fixture::open_journal(const std::string& url) {
  auto opened = journal::open_or_create(url, {.partitions = 4, .creator = "projections"});
  if (!opened) throw std::runtime_error("opening " + url + ": " + opened.error().text);
  journal_ = std::move(*opened);
  writer_.emplace(*journal_);
}

std::string projector_fixture::wait_for_failure(projector& of) {
  const auto done = of.wait_for(position::of(~0U, 0), patience);
  EXPECT_FALSE(done);
  const auto now = of.status();
  EXPECT_EQ(now.state, projection_state::failed) << now.text;
  return now.text;
}

}  // namespace quipu::test
