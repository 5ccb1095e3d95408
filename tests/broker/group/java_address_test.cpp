#include "broker/group/java_address.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

TEST(JavaAddress, Ipv4IsKept) {
    EXPECT_EQ(java_address("127.0.0.1"), "/127.0.0.1");
}

// As Kafka 4.3 describes a member that came from ::1.
TEST(JavaAddress, AllGroupsOfIpv6AreWritten) {
    EXPECT_EQ(java_address("::1"), "/0:0:0:0:0:0:0:1");
    EXPECT_EQ(java_address("::"), "/0:0:0:0:0:0:0:0");
    EXPECT_EQ(java_address("2001:db8::a:0:ff00"), "/2001:db8:0:0:0:a:0:ff00");
}

TEST(JavaAddress, ScopeStays) {
    EXPECT_EQ(java_address("fe80::1%eth0"), "/fe80:0:0:0:0:0:0:1%eth0");
}

TEST(JavaAddress, OtherTextIsKept) {
    EXPECT_EQ(java_address("somewhere"), "/somewhere");
    EXPECT_EQ(java_address(""), "/");
}

}  // namespace
}  // namespace mamba::broker
