// Reads a stream as one usually does, by a pull consumer and batches, and only counts what comes. For comparison with
// `quipu-bench replay`; no part of Quipu.
#include <CLI/CLI.hpp>

#include <nats/nats.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace {

struct setting {
  std::string url = "nats://127.0.0.1:4222";
  std::string stream;
  int batch = 1'000;
};

void check(natsStatus status, const char* what) {
  if (status == NATS_OK) return;
  const char* more = nats_GetLastError(nullptr);
  throw std::runtime_error(std::string(what) + ": " + natsStatus_GetText(status) +
                           (more != nullptr ? std::string(", ") + more : ""));
}

std::uint64_t messages_in(jsCtx* context, const std::string& stream) {
  jsStreamInfo* info = nullptr;
  check(js_GetStreamInfo(&info, context, stream.c_str(), nullptr, nullptr), "looking at the stream");
  const auto messages = info->State.Msgs;
  jsStreamInfo_Destroy(info);
  return messages;
}

struct counts {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

counts read_all(jsCtx* context, const setting& how) {
  const auto expected = messages_in(context, how.stream);
  jsSubOptions options;
  check(jsSubOptions_Init(&options), "options");
  options.Stream = how.stream.c_str();
  options.Config.AckPolicy = js_AckNone;
  natsSubscription* consumer = nullptr;
  check(js_PullSubscribe(&consumer, context, ">", nullptr, nullptr, &options, nullptr), "consumer");
  counts all;
  while (all.messages < expected) {
    natsMsgList batch{};
    check(natsSubscription_Fetch(&batch, consumer, how.batch, 5'000, nullptr), "fetching");
    for (int i = 0; i < batch.Count; ++i)
      all.bytes += static_cast<std::uint64_t>(natsMsg_GetDataLength(batch.Msgs[i]));
    all.messages += static_cast<std::uint64_t>(batch.Count);
    natsMsgList_Destroy(&batch);
  }
  return all;
}

}  // namespace

int main(int count, char** arguments) {
  setting how;
  CLI::App app{"Counts a stream's messages through a pull consumer: what Quipu's replay is compared with"};
  app.add_option("--url", how.url, "A server with JetStream")->capture_default_str();
  app.add_option("--stream", how.stream, "A journal's name")->required();
  app.add_option("--batch", how.batch, "Messages asked for at once")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI11_PARSE(app, count, arguments);
  try {
    natsConnection* connection = nullptr;
    check(natsConnection_ConnectTo(&connection, how.url.c_str()), how.url.c_str());
    jsCtx* context = nullptr;
    check(natsConnection_JetStream(&context, connection, nullptr), "JetStream");
    const auto began = std::chrono::steady_clock::now();
    const auto all = read_all(context, how);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::printf("  bare      %9.0f messages/s   %6.0f MB/s   (%llu messages)\n",
                static_cast<double>(all.messages) / seconds, static_cast<double>(all.bytes) / seconds / 1e6,
                static_cast<unsigned long long>(all.messages));
    std::fflush(stdout);
    std::_Exit(0);  // the library need not take its subscription apart under messages
  } catch (const std::exception& error) {
    std::fprintf(stderr, "count_messages: %s\n", error.what());
    return 1;
  }
}
