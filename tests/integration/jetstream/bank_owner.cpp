/// A bank's owner in a process of its own, under load: bank_owner URL DIRECTORY OWNER SEED
/// Takes the journal over, says every command and every answer on stdout (owner_talk.hpp), and listens: "finish" ends the
/// load, the end of stdin the process.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>

#include "bank_load.hpp"
#include "owner_talk.hpp"

namespace quipu::test {
namespace {

void say(std::string line) {
  static std::mutex guard;
  const std::scoped_lock lock(guard);
  line += '\n';
  for (std::string_view rest = line; !rest.empty();) {
    const auto written = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (written <= 0) std::_Exit(9);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

class talking_record final : public client_record {
 public:
  using client_record::client_record;
  void sending(const bank_command& what) override {
    say(talk::write(what));
    client_record::sending(what);
  }
  void answered(command_id which, const bank_answer& said) override {
    say(talk::write(which, said));
    client_record::answered(which, said);
  }
};

int run(char** argv) {
  options how;
  how.journal = argv[1];
  how.directory = argv[2];
  how.owner = argv[3];
  how.partitions = 3;
  how.threads = 1;
  how.take_over = true;
  how.on_notice = [](const notice& what) {
    if (what.kind == notice_kind::superseded) say("superseded " + std::to_string(*what.partition));
  };
  auto bank = runtime::open(bank_domain(), std::move(how));
  if (!bank) {
    say("refused " + bank.error().text);
    return 3;
  }
  say("open");
  talking_record record(3);
  {
    bank_load load(*bank, record, std::mt19937_64(std::strtoull(argv[4], nullptr, 10)), {});
    load.start();
    for (std::string line; std::getline(std::cin, line);)
      if (line == "finish") break;
    load.finish();
    say("finished");
  }
  for (std::string line; std::getline(std::cin, line);) {
  }
  return 0;
}

}  // namespace
}  // namespace quipu::test

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: bank_owner URL DIRECTORY OWNER SEED\n");
    return 2;
  }
  return quipu::test::run(argv);
}
