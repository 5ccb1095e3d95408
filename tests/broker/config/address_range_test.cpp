#include "broker/config/address_range.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

bool holds(std::string_view range, std::string_view address) {
    const auto parsed = AddressRange::parse(range);
    EXPECT_TRUE(parsed) << range;
    return parsed && parsed->contains(address);
}

TEST(AddressRange, OneAddressIsItselfAlone) {
    EXPECT_TRUE(holds("127.0.0.1", "127.0.0.1"));
    EXPECT_FALSE(holds("127.0.0.1", "127.0.0.2"));
    EXPECT_TRUE(holds("::1", "0:0::1"));
    EXPECT_FALSE(holds("::1", "::2"));
}

TEST(AddressRange, BitsAreThoseInFront) {
    EXPECT_TRUE(holds("10.0.0.0/8", "10.255.0.1"));
    EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(holds("172.16.0.0/12", "172.31.255.255"));
    EXPECT_FALSE(holds("172.16.0.0/12", "172.32.0.0"));
    EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.9"));
    EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(holds("::/0", "2001:db8::1"));
}

// A socket for both kinds of addresses tells IPv4 ones so.
TEST(AddressRange, MappedAddressIsTheOneInside) {
    EXPECT_TRUE(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
    EXPECT_TRUE(holds("::ffff:10.0.0.0/104", "10.1.2.3"));
}

TEST(AddressRange, WhatIsNoAddressIsInNone) {
    for (const char* text : {"", "localhost", "10.0.0", "10.0.0.1:80", "[::1]", "10.0.0.1/8"}) {
        EXPECT_FALSE(holds("::/0", text)) << text;
    }
}

TEST(AddressRange, OtherTextsAreNone) {
    for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::/129",
                             "10.0.0.0/2147483647", "10.0.0.1/8", "proxy.example", "*", "10.0.0.0/8/8"}) {
        EXPECT_FALSE(AddressRange::parse(text)) << text;
    }
}

}  // namespace
}  // namespace mamba::broker
