#include "projections/wishes.hpp"

#include "projections/files.hpp"
#include "projections/letters.hpp"

#include <quipu/journal/error_code.hpp>
#include <quipu/projections/key_shape.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <random>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

namespace quipu::projecting {
namespace {

constexpr std::array<std::string_view, 3> words{"retry", "retry_all", "skip"};
// Who asked has died, or would have come by.
constexpr auto unclaimed_most = std::chrono::minutes(10);

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// Three lines: what, the event's id, the reason (which may have more of them).
std::string text_of(const letter_wish& wish) {
  return std::string(words.at(static_cast<std::size_t>(wish.done))) + "\n" +
         (wish.event.category.empty() ? "" : name_of(wish.event)) + "\n" + wish.reason;
}

std::optional<letter_wish> wish_in(std::string_view text) {
  letter_wish wish;
  const auto word = std::ranges::find(words, take_line(text));
  if (word == words.end()) return std::nullopt;
  wish.done = static_cast<letter_wish::what>(word - words.begin());
  const auto id = take_line(text);
  wish.reason = text;
  if (wish.done == letter_wish::what::retry_all) return wish;
  const auto key = key_shape::parse("event")->stored(id, true);
  if (!key || !key->whole) return std::nullopt;
  wish.event = model::decode_key<event_key>(key->bytes);
  return wish;
}

std::string text_of(const result<released>& came) {
  if (came) return "done " + std::to_string(came->applied) + " " + std::to_string(came->left);
  return "failed " + std::string(name_of(came.error().code)) + "\n" + came.error().text;
}

result<released> answer_in(std::string_view text) {
  auto line = take_line(text);
  const auto unreadable = [] {
    return fail(error_code::projection_damaged,
                "the answer of the process that keeps the projection can't be read");
  };
  if (line.starts_with("failed ")) {
    const auto code = error_code_named(line.substr(7));
    if (!code) return unreadable();
    return fail(*code, std::string(text));
  }
  if (!line.starts_with("done ")) return unreadable();
  line.remove_prefix(5);
  released out;
  const auto* end = line.data() + line.size();
  const auto first = std::from_chars(line.data(), end, out.applied);
  if (first.ec != std::errc{} || first.ptr == end) return unreadable();
  if (std::from_chars(first.ptr + 1, end, out.left).ec != std::errc{}) return unreadable();
  return out;
}

}  // namespace

std::filesystem::path wishes::file(const std::string& id, const char* stage) const {
  return place_ / (id + stage);
}

result<std::string> wishes::leave(const letter_wish& wish) const {
  // In the order in which they were left, whatever the process.
  auto time = std::to_string(now_us());
  time.insert(0, 20 - std::min<std::size_t>(time.size(), 20), '0');
  const auto id = time + "-" + std::to_string(std::random_device{}());
  // The keeper removes the directory when it is empty.
  for (int tries = 0;; ++tries) {
    std::error_code error;
    std::filesystem::create_directory(place_, error);
    auto left = replace_file(file(id, ".wish"), text_of(wish));
    if (left) return id;
    if (tries == 10) return std::unexpected(left.error());
  }
}

std::optional<result<released>> wishes::answer(const std::string& id) const {
  const auto path = file(id, ".answer");
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  ::unlink(path.c_str());
  ::rmdir(place_.c_str());
  return answer_in(**text);
}

wishes::withdrawn wishes::withdraw(const std::string& id) const {
  const bool ours = ::unlink(file(id, ".wish").c_str()) == 0;
  ::rmdir(place_.c_str());
  return ours ? withdrawn::yes : withdrawn::in_the_work;
}

bool wishes::forget(const std::string& id) const {
  const bool ours = ::unlink(file(id, ".taken").c_str()) == 0;
  ::rmdir(place_.c_str());
  return ours;
}

void wishes::grant(const std::function<result<released>(const letter_wish&)>& how) const {
  std::vector<std::pair<std::string, bool>> left;  // and whether one died over it
  std::error_code error;
  for (auto at = std::filesystem::directory_iterator(place_, error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const auto& path = at->path();
    if (path.extension() == ".wish" || path.extension() == ".taken")
      left.emplace_back(path.stem().string(), path.extension() == ".taken");
    std::error_code none;
    const auto written = std::filesystem::last_write_time(path, none);
    if (path.extension() == ".answer" && !none &&
        std::filesystem::file_time_type::clock::now() - written > unclaimed_most)
      ::unlink(path.c_str());
  }
  if (error) return;  // most often: nobody wished anything
  std::ranges::sort(left);
  for (const auto& [id, taken] : left) {
    const auto mine = file(id, ".taken");
    if (taken && ::access(file(id, ".answer").c_str(), F_OK) == 0) {
      ::unlink(mine.c_str());
      continue;
    }
    if (!taken && ::rename(file(id, ".wish").c_str(), mine.c_str()) != 0) continue;  // withdrawn
    const auto text = read_file(mine);
    const auto wish = text && *text ? wish_in(**text) : std::nullopt;
    const result<released> came =
        wish ? how(*wish)
             : fail(error_code::projection_damaged, "what was wished can't be read: " + mine.string());
    // Where it can't be written who asked hears nothing, and says so.
    [[maybe_unused]] const auto told = replace_file(file(id, ".answer"), text_of(came));
    ::unlink(mine.c_str());
  }
  ::rmdir(place_.c_str());
}

}  // namespace quipu::projecting
