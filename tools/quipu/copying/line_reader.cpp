#include "copying/line_reader.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

constexpr std::size_t read_bytes = 256 * 1024;
/// A record has 64 MiB at most; as JSON it grows, but not that much.
constexpr std::size_t longest_line = std::size_t{1} << 30U;

}  // namespace

line_reader::~line_reader() { ::close(descriptor_); }

std::expected<std::optional<line_reader::line>, std::string> line_reader::next() {
  for (;;) {
    if (const auto end = buffer_.find('\n', searched_); end != std::string::npos) {
      const auto begin = at_;
      at_ = searched_ = end + 1;
      ++number_;
      return line{std::string_view(buffer_).substr(begin, end - begin)};
    }
    buffer_.erase(0, at_);
    at_ = 0;
    searched_ = buffer_.size();
    if (interrupted()) return std::nullopt;
    if (over_) {
      if (buffer_.empty()) return std::nullopt;
      ++number_;
      at_ = searched_ = buffer_.size();
      return line{buffer_, false};
    }
    if (buffer_.size() > longest_line)
      return std::unexpected("line " + std::to_string(number_ + 1) +
                             " has no end within 1 GiB: this is no export");
    const auto before = buffer_.size();
    buffer_.resize(before + read_bytes);
    const auto got = ::read(descriptor_, buffer_.data() + before, read_bytes);
    const auto code = errno;
    buffer_.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0 && code != EINTR) return std::unexpected(std::system_category().message(code));
    over_ = got == 0;
  }
}

}  // namespace quipu::tool
