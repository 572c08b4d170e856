// URLs as they may be shown.
#include <gtest/gtest.h>
#include <quipu/journal/open.hpp>

namespace quipu::journal {
namespace {

TEST(without_secrets, keeps_what_is_none) {
  for (const std::string_view url :
       {"lmdb:data", "lmdb:", "memory:", "nats://a:1/bank", "nats://a:1,b:2/bank?tls=yes", "nats:", "nats://",
        "", "lmdb:/home/ann:x@y/journal"})
    EXPECT_EQ(without_secrets(url), url);
}

TEST(without_secrets, hides_who_one_is) {
  for (const std::string_view who :
       {"ann:secret", "secret", "ann:se@cret", "ann:se/cret", ":secret", "ann:", "a,b:c"}) {
    EXPECT_EQ(without_secrets("nats://" + std::string(who) + "@a:1,b:2/bank?tls=yes"),
              "nats://…@a:1,b:2/bank?tls=yes");
    EXPECT_EQ(without_secrets("nats://" + std::string(who) + "@a"), "nats://…@a");
  }
  EXPECT_EQ(without_secrets("nats://ann:se?cret@a:1/bank"), "nats://…@a:1/bank");
}

TEST(without_secrets, errors_do_not_repeat_them_either) {
  for (const std::string_view url :
       {"nats://ann:s3cr3t@a", "nats://ann:s3cr3t@a:x/bank", "nats://ann:s3cr3t@a/b.c",
        "nats://ann:s3cr3t@a/bank?x=y", "nats://ann:s3cr3t@a/bank?xy", "nats://ann:x/s3cr3t@a/bank?x=y",
        "nats://ann:x?s3cr3t@a/bank", "nats://ann:x/y?s3cr3t@a/bank", "nats://s3cr3t@a/bank?tls=no"}) {
    const auto opened = open(url);
    ASSERT_FALSE(opened) << url;
    EXPECT_EQ(opened.error().kind, failure_kind::invalid) << opened.error().text;
    EXPECT_EQ(opened.error().text.find("s3cr3t"), std::string::npos) << opened.error().text;
  }
}

}  // namespace
}  // namespace quipu::journal
