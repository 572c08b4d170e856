// The process that trust_test.cpp kills: writes generation after generation, each whole or not at all.
#include "checkpoint/lmdb_checkpoints.hpp"

#include <iostream>
#include <string>

int main(int count, char** words) {
  using namespace quipu;
  if (count != 2) return 2;
  auto opened = checkpoint::open_lmdb(words[1], {1, 2}, 4);
  if (!opened) return std::cout << opened.error().text << std::endl, 3;
  for (std::uint64_t generation = 1;; ++generation) {
    std::vector<core::snapshot_group> groups;
    for (journal::partition_id partition = 0; partition < 2; ++partition) {
      core::snapshot_group group{.partition = partition};
      for (std::uint64_t key = generation % 7; key < 40; ++key) {
        const std::string image = std::to_string(generation) + std::string(generation * 37 % 3000, 'i');
        group.rows.push_back({"account", std::to_string(key), bytes(image.begin(), image.end())});
      }
      group.floors.push_back({"account", {3, 4}, position::start_of(generation)});
      group.newest = {generation, {5, generation}};
      groups.push_back(std::move(group));
    }
    if (auto written = opened->store->write(groups); !written)
      return std::cout << written.error().text << std::endl, 4;
    std::cout << generation << std::endl;
  }
}
