#include "copying/journal_reader.hpp"

#include <quipu/journal/open.hpp>
#include <utility>

#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

std::unexpected<source_trouble> trouble_of(const journal::failure& why, const std::string& place = {}) {
  const auto code = why.kind == journal::failure_kind::invalid   ? exit_code::wrong_usage
                    : why.kind == journal::failure_kind::corrupt ? exit_code::found_wrong
                                                                 : exit_code::not_opened;
  return std::unexpected(source_trouble{place + describe(why), code});
}

class journal_reader final : public record_source {
 public:
  journal_reader(std::unique_ptr<journal::journal> from, export_head head, record_number last)
      : journal_(std::move(from)), head_(std::move(head)), last_(last), cursor_(journal_->read(1)) {}

  const export_head& head() const override { return head_; }
  from_source<std::optional<copied_record>> next() override;
  std::string place() const override {
    return "record " + std::to_string(at_) + " of " + std::to_string(last_);
  }

 private:
  std::unique_ptr<journal::journal> journal_;
  export_head head_;
  record_number last_;
  record_number at_ = 0;
  std::unique_ptr<journal::cursor> cursor_;  // after the journal: it must not outlive it
};

from_source<std::optional<copied_record>> journal_reader::next() {
  if (interrupted() || at_ >= last_) return std::nullopt;
  auto stored = cursor_->next();
  if (!stored) return trouble_of(stored.error(), "behind record " + std::to_string(at_) + ": ");
  if (!*stored || (*stored)->number > last_) return std::nullopt;
  at_ = (*stored)->number;
  const auto view = journal::record_view::decode((*stored)->data);
  if (!view)
    return trouble_of(view.error(), "record " + std::to_string(at_) + " of partition " +
                                        std::to_string((*stored)->partition) + ": ");
  return content_of(**stored, *view);
}

}  // namespace

from_source<std::unique_ptr<record_source>> read_journal(const std::string& url) {
  auto opened = journal::open(url, {.mode = journal::access::read, .node_directory = {}});
  if (!opened) return trouble_of(opened.error());
  const auto sum = (*opened)->summarize();
  if (!sum) return trouble_of(sum.error());
  // After the summary: every schema that a record up to its end uses is there.
  auto schemas = (*opened)->schemas();
  if (!schemas) return trouble_of(schemas.error());
  export_head head{.about = (*opened)->about(), .from = {}, .to = {}, .schemas = std::move(*schemas)};
  return std::make_unique<journal_reader>(std::move(*opened), std::move(head), sum->last);
}

}  // namespace quipu::tool
