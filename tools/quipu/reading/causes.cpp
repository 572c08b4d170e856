#include "reading/causes.hpp"

#include <algorithm>
#include <numeric>

namespace quipu::tool {
namespace {

caused_commit short_form(record_number number, const journal::commit_view& commit) {
  return {commit.command, commit.causation, position::of(number, commit.first_event),
          commit.source ? commit.source->at : position{}, commit.event_count};
}

}  // namespace

void cause_tree::gather(const id128& asked) {
  record_walk walk(journal_, first_, last_, std::nullopt, out_);
  while (auto step = walk.next()) {
    for (std::uint32_t i = 0; i < step->view.commit_count(); ++i) {
      const auto commit = step->view.commit_at(i);
      if (commit.causation || commit.source || commit.command == asked)
        caused_.push_back(short_form(step->stored.number, commit));
    }
  }
  outcome_ = walk.outcome();
  std::vector<std::size_t> all(caused_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  by_cause_ = by_command_ = all;
  std::ranges::stable_sort(by_cause_, {}, [this](std::size_t i) { return caused_[i].cause; });
  std::ranges::stable_sort(by_command_, {}, [this](std::size_t i) { return caused_[i].command; });
  for (auto i : all)
    if (!caused_[i].cause && caused_[i].source != position{}) by_source_.push_back(i);
  std::ranges::stable_sort(by_source_, {}, [this](std::size_t i) { return caused_[i].source; });
}

/// The commits of a command: one, unless its id was used for several entities.
std::vector<caused_commit> cause_tree::find(const id128& command) {
  std::vector<caused_commit> found;
  const auto own = [this](std::size_t i) { return caused_[i].command; };
  for (auto i : std::ranges::equal_range(by_command_, command, {}, own)) found.push_back(caused_[i]);
  if (!found.empty()) return found;
  record_walk walk(journal_, first_, last_, std::nullopt, out_);
  while (auto step = walk.next()) {
    for (std::uint32_t i = 0; i < step->view.commit_count(); ++i)
      if (const auto commit = step->view.commit_at(i); commit.command == command)
        found.push_back(short_form(step->stored.number, commit));
    if (!found.empty()) break;
  }
  return found;
}

/// The commit of an event.
std::optional<caused_commit> cause_tree::at(position event) {
  const auto read = journal_.read(event.record())->next();
  if (!read || !*read || (*read)->number != event.record()) return std::nullopt;
  const auto view = journal::record_view::decode((*read)->data);
  if (!view) return std::nullopt;
  for (std::uint32_t i = 0; i < view->commit_count(); ++i)
    if (auto commit = short_form(event.record(), view->commit_at(i)); commit.has(event)) return commit;
  return std::nullopt;
}

/// The command that it followed from; zero: none that is known.
id128 cause_tree::above(const caused_commit& commit) {
  if (commit.cause) return commit.cause;
  if (commit.source == position{}) return {};
  const auto source = at(commit.source);
  return source ? source->command : id128{};
}

void cause_tree::add_below(std::vector<cause_node>& tree, std::size_t parent) {
  std::vector<std::size_t> below;
  const auto node = tree[parent];
  const auto cause = [this](std::size_t i) { return caused_[i].cause; };
  if (node.command)
    for (auto i : std::ranges::equal_range(by_cause_, node.command, {}, cause)) below.push_back(i);
  if (node.commit) {
    const auto source = [this](std::size_t i) { return caused_[i].source; };
    auto i = std::ranges::lower_bound(by_source_, node.commit->first, {}, source);
    for (; i != by_source_.end() && node.commit->has(caused_[*i].source); ++i) below.push_back(*i);
  }
  std::ranges::sort(below);
  for (auto i : below)
    if (seen_.insert(caused_[i].first).second)
      tree.push_back({caused_[i].command, caused_[i], parent, node.depth + 1});
}

std::vector<cause_node> cause_tree::around(const id128& command) {
  gather(command);
  // Upwards, by what each commit names, until one names nothing or what it names leads round.
  id128 root = command;
  std::set<id128> passed{command};
  const auto own = [this](std::size_t i) { return caused_[i].command; };
  for (;;) {
    const auto known = std::ranges::equal_range(by_command_, root, {}, own);
    if (known.empty()) break;
    const auto next = above(caused_[known.front()]);
    if (!next || !passed.insert(next).second) break;
    root = next;
  }
  std::vector<cause_node> tree;
  for (const auto& commit : find(root)) {
    if (seen_.insert(commit.first).second) tree.push_back({root, commit, tree.size(), 0});
  }
  if (tree.empty()) {
    const auto cause = [this](std::size_t i) { return caused_[i].cause; };
    if (std::ranges::equal_range(by_cause_, root, {}, cause).empty()) return tree;
    tree.push_back({root, std::nullopt, 0, 0});
  }
  for (std::size_t i = 0; i < tree.size() && out_.wanted(); ++i) add_below(tree, i);
  // From rows of a width to a tree that is read from above: children behind their parents.
  std::vector<std::vector<std::size_t>> children(tree.size());
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < tree.size(); ++i)
    if (tree[i].parent != i) children[tree[i].parent].push_back(i);
  for (std::size_t i = tree.size(); i-- > 0;)
    if (tree[i].parent == i) waiting.push_back(i);
  std::vector<cause_node> ordered;
  std::vector<std::size_t> place(tree.size());
  while (!waiting.empty()) {
    const auto i = waiting.back();
    waiting.pop_back();
    place[i] = ordered.size();
    ordered.push_back(tree[i]);
    ordered.back().parent = tree[i].parent == i ? place[i] : place[tree[i].parent];
    waiting.insert(waiting.end(), children[i].rbegin(), children[i].rend());
  }
  return ordered;
}

}  // namespace quipu::tool
