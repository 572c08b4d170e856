// What one usually does with JetStream: a subject an account, and a message an event, fenced by the account's
// last one and with an id against repeats. For comparison with `quipu-bench commands`; no part of Quipu.
#include <CLI/CLI.hpp>

#include <nats/nats.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

struct setting {
  std::string url = "nats://127.0.0.1:4222";
  std::uint64_t accounts = 10'000;
  std::uint64_t events = 200'000;
  std::uint64_t in_flight = 4'096;
  std::size_t bytes = 200;  ///< an event
  bool send_asap = false;
};

void check(natsStatus status, const char* what) {
  if (status == NATS_OK) return;
  const char* more = nats_GetLastError(nullptr);
  throw std::runtime_error(std::string(what) + ": " + natsStatus_GetText(status) +
                           (more != nullptr ? std::string(", ") + more : ""));
}

template <class T, void (*Destroy)(T*)>
struct destroyer {
  void operator()(T* what) const { Destroy(what); }
};
template <class T, void (*Destroy)(T*)>
using owned = std::unique_ptr<T, destroyer<T, Destroy>>;

owned<natsConnection, natsConnection_Destroy> connect(const setting& how) {
  natsOptions* options = nullptr;
  check(natsOptions_Create(&options), "options");
  owned<natsOptions, natsOptions_Destroy> kept(options);
  check(natsOptions_SetURL(options, how.url.c_str()), "url");
  check(natsOptions_SetSendAsap(options, how.send_asap), "send asap");
  natsConnection* connection = nullptr;
  check(natsConnection_Connect(&connection, options), how.url.c_str());
  return owned<natsConnection, natsConnection_Destroy>(connection);
}

/// All accounts, each with at most one event on its way: the next is fenced by the sequence of the last.
class load {
 public:
  load(natsConnection* connection, const setting& how)
      : how_(how),
        stream_("SUBJECT_PER_ENTITY_" + std::to_string(::getpid())),
        event_(how.bytes, 'x'),
        accounts_(how.accounts) {
    latencies_ms_.reserve(how.events);
    for (std::uint64_t i = 0; i < how.accounts; ++i) free_.push_back(i);
    jsOptions options;
    check(jsOptions_Init(&options), "options");
    options.PublishAsync.MaxPending = static_cast<std::int64_t>(how.in_flight);
    options.PublishAsync.AckHandler = [](jsCtx*, natsMsg* message, jsPubAck* ack, jsPubAckErr* error,
                                         void* self) {
      static_cast<load*>(self)->settled(message, ack, error);
    };
    options.PublishAsync.AckHandlerClosure = this;
    jsCtx* context = nullptr;
    check(natsConnection_JetStream(&context, connection, &options), "JetStream");
    context_.reset(context);
    make_stream();
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  void remove_stream() { js_DeleteStream(context_.get(), stream_.c_str(), nullptr, nullptr); }

  /// Returns when all events are acknowledged. Throws when one is refused, or none comes back for a while.
  void run() {
    for (std::uint64_t i = 0; i < how_.events; ++i) publish(next_account(), i);
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return latencies_ms_.size() == how_.events; });
  }

  void print(double seconds) {
    std::ranges::sort(latencies_ms_);
    auto percentile = [&](double part) {
      return static_cast<double>(
          latencies_ms_[static_cast<std::size_t>(part * static_cast<double>(latencies_ms_.size() - 1))]);
    };
    std::printf("subject_per_entity: %llu accounts, %llu events of %zu bytes, %llu in flight\n",
                static_cast<unsigned long long>(how_.accounts), static_cast<unsigned long long>(how_.events),
                how_.bytes, static_cast<unsigned long long>(how_.in_flight));
    std::printf("%.0f messages/s, p50 %.2f ms, p99 %.2f ms\n", static_cast<double>(how_.events) / seconds,
                percentile(0.50), percentile(0.99));
  }

 private:
  struct account {
    std::uint64_t last = 0;  ///< sequence of its last event; 0: it has none
    clock::time_point published;
  };

  std::string subject_of(std::uint64_t number) const { return stream_ + "." + std::to_string(number); }

  void make_stream() {
    jsStreamConfig config;
    check(jsStreamConfig_Init(&config), "stream");
    const auto subjects = stream_ + ".*";
    const char* all = subjects.c_str();
    config.Name = stream_.c_str();
    config.Subjects = &all;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    check(js_AddStream(nullptr, context_.get(), &config, nullptr, nullptr), "making the stream");
  }

  std::uint64_t next_account() {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return !free_.empty() && on_their_way_ < how_.in_flight; });
    auto number = free_.front();
    free_.pop_front();
    ++on_their_way_;
    accounts_[number].published = clock::now();
    return number;
  }

  void publish(std::uint64_t number, std::uint64_t event) {
    natsMsg* message = nullptr;
    check(natsMsg_Create(&message, subject_of(number).c_str(), nullptr, event_.data(),
                         static_cast<int>(event_.size())),
          "message");
    owned<natsMsg, natsMsg_Destroy> kept(message);
    // By hand: the option of js_PublishMsgAsync sends no header for 0, and so would not fence a first event.
    check(natsMsgHeader_Set(message, "Nats-Expected-Last-Subject-Sequence",
                            std::to_string(accounts_[number].last).c_str()),
          "header");
    check(natsMsgHeader_Set(message, "Nats-Msg-Id",
                            (std::to_string(number) + "-" + std::to_string(event)).c_str()),
          "header");
    check(js_PublishMsgAsync(context_.get(), &message, nullptr), "publishing");
    if (message == nullptr) (void)kept.release();  // it is the library's now
  }

  /// On a thread of the library.
  void settled(natsMsg* message, const jsPubAck* ack, const jsPubAckErr* error) {
    const auto now = clock::now();
    const auto number = std::stoull(natsMsg_GetSubject(message) + stream_.size() + 1);
    {
      std::lock_guard lock(mutex_);
      auto& of = accounts_[number];
      if (ack != nullptr) of.last = ack->Sequence;
      if (ack == nullptr && refusal_.empty())
        refusal_ = error->ErrText != nullptr ? error->ErrText : natsStatus_GetText(error->Err);
      latencies_ms_.push_back(std::chrono::duration<float, std::milli>(now - of.published).count());
      free_.push_back(number);
      --on_their_way_;
    }
    changed_.notify_one();
    natsMsg_Destroy(message);
  }

  void wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& enough) {
    if (!changed_.wait_for(lock, 30s, [&] { return enough() || !refusal_.empty(); }))
      throw std::runtime_error("no ack for 30 seconds");
    if (!refusal_.empty()) throw std::runtime_error("refused: " + refusal_);
  }

  const setting how_;
  const std::string stream_;  ///< its own: nobody's stream is touched
  const std::string event_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<account> accounts_;   // one thread at a time: who has the number
  std::deque<std::uint64_t> free_;  // accounts without an event on its way, the longest idle first
  std::uint64_t on_their_way_ = 0;
  std::vector<float> latencies_ms_;  // from publish to ack
  std::string refusal_;
  owned<jsCtx, jsCtx_Destroy> context_;
};

}  // namespace

int main(int count, char** arguments) {
  setting how;
  CLI::App app{"One subject an account, one fenced message an event: what Quipu's batches are compared with"};
  app.add_option("--url", how.url, "A server with JetStream")->capture_default_str();
  app.add_option("--accounts", how.accounts)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--events", how.events)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--in-flight", how.in_flight)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--bytes", how.bytes, "Of an event")->capture_default_str();
  app.add_flag("--send-asap", how.send_asap, "The client's option: lower latency with little in flight");
  CLI11_PARSE(app, count, arguments);
  try {
    auto connection = connect(how);
    load all(connection.get(), how);
    try {
      const auto began = clock::now();
      all.run();
      all.print(std::chrono::duration<double>(clock::now() - began).count());
      all.remove_stream();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "subject_per_entity: %s\n", error.what());
      all.remove_stream();
      std::_Exit(1);  // without destructors: acks may still come, and the library calls for each
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "subject_per_entity: %s\n", error.what());
    return 1;
  }
  nats_Close();
}
