#include "log/transaction_index.h"

#include <gtest/gtest.h>

#include "fake_storage.h"

namespace mamba::log {
namespace {

// Kafka's layout (AbortedTxn.java): producer 4001, offsets 10 to 12, stable from 13 on.
const Bytes golden = [] {
    Bytes bytes(34);
    bytes[8] = std::byte{0x0F};
    bytes[9] = std::byte{0xA1};
    bytes[17] = std::byte{10};
    bytes[25] = std::byte{12};
    bytes[33] = std::byte{13};
    return bytes;
}();

TEST(TransactionIndex, EntriesAreKafkas) {
    FakeStorage storage;
    Bytes two = golden;
    two.insert(two.end(), golden.begin(), golden.end());
    storage.put("/data/topic-0/0.txnindex", two);
    const auto read = read_transaction_index(storage, "/data/topic-0/0.txnindex");
    ASSERT_TRUE(read);
    const AbortedTransaction expected{ProducerId(4001), Offset(10), Offset(12), Offset(13)};
    EXPECT_EQ(*read, (std::vector{expected, expected}));
}

TEST(TransactionIndex, ATornEntryIsLeftOut) {
    FakeStorage storage;
    for (std::size_t size = 0; size < golden.size(); ++size) {
        storage.put("/data/topic-0/0.txnindex",
                    Bytes(golden.begin(), golden.begin() + static_cast<std::ptrdiff_t>(size)));
        EXPECT_TRUE(read_transaction_index(storage, "/data/topic-0/0.txnindex")->empty());
    }
}

TEST(TransactionIndex, WhatCannotBeReadIsAnError) {
    FakeStorage storage;
    EXPECT_EQ(read_transaction_index(storage, "/data/none.txnindex").error().kind,
              ErrorKind::not_found);
    Bytes other = golden;
    other[1] = std::byte{1};
    storage.put("/data/topic-0/0.txnindex", other);
    EXPECT_EQ(read_transaction_index(storage, "/data/topic-0/0.txnindex").error().kind,
              ErrorKind::corrupt);
}

}  // namespace
}  // namespace mamba::log
