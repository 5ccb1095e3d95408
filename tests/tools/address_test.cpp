#include "tools/client/socket.h"

#include <gtest/gtest.h>

namespace mamba::client {
namespace {

TEST(Address, PortDefaultsToKafkas) {
    EXPECT_EQ(Address::parse("broker"), (Address{"broker", 9092}));
    EXPECT_EQ(Address::parse("::1"), (Address{"::1", 9092}));
    EXPECT_EQ(Address::parse("[::1]"), (Address{"::1", 9092}));
}

TEST(Address, PortFollowsTheLastColon) {
    EXPECT_EQ(Address::parse("10.0.0.1:19092"), (Address{"10.0.0.1", 19092}));
    EXPECT_EQ(Address::parse("[::1]:1"), (Address{"::1", 1}));
}

TEST(Address, WrongTextIsRefusedInASentence) {
    for (const char* text : {"", ":9092", "host:", "host:0", "host:65536", "host:9o92"}) {
        const auto address = Address::parse(text);
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().failure, Failure::usage) << text;
    }
}

TEST(Address, TextFormCanBeParsedAgain) {
    for (const Address& address : {Address{"host", 1}, Address{"::1", 9092}}) {
        EXPECT_EQ(Address::parse(address.to_string()), address);
    }
}

}  // namespace
}  // namespace mamba::client
