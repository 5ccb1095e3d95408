#include "broker/scan/scan_cursor.h"

#include <gtest/gtest.h>

#include <cctype>

namespace mamba::broker {
namespace {

const Uuid topic{{std::byte{1}}};
const FilterSpec filter{.key = FilterTest{FilterOperator::equals, "42"}, .expression = "txn"};

ScanCursors::Key key_of(int number) {
    ScanCursors::Key key{};
    key[0] = static_cast<std::byte>(number);
    return key;
}

ScanCursor example() {
    return {ScanOrder::newest_first,
            ScanIsolation::read_uncommitted,
            {{PartitionIndex(0), Offset(0), Offset(0)},
             {PartitionIndex(7), Offset(9007199254740993), no_scan_end},
             {PartitionIndex(100'000), Offset(5), Offset(INT64_MAX - 1)}}};
}

TEST(ScanCursors, ComeBackAsTheyWere) {
    const ScanCursors cursors(key_of(1));
    for (const ScanCursor& cursor : {example(), ScanCursor{}}) {
        const std::string text = cursors.seal(cursor, topic, filter);
        for (const char c : text) EXPECT_TRUE(std::isalnum(c) || c == '-' || c == '_') << c;
        const auto opened = cursors.open(text, topic, filter);
        ASSERT_TRUE(opened) << opened.error();
        EXPECT_EQ(*opened, cursor);
    }
}

TEST(ScanCursors, OnlyWhatWasSealedIsOpened) {
    const ScanCursors cursors(key_of(1));
    const std::string text = cursors.seal(example(), topic, filter);
    EXPECT_FALSE(ScanCursors(key_of(2)).open(text, topic, filter));
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_FALSE(cursors.open(text.substr(0, size), topic, filter));
    }
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {  // the last character has bits that nothing is made of
        std::string changed = text;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(cursors.open(changed, topic, filter)) << i;
    }
    EXPECT_FALSE(cursors.open(text + "AAAA", topic, filter));
    EXPECT_FALSE(cursors.open("", topic, filter));
    EXPECT_FALSE(cursors.open("not base64!", topic, filter));
    EXPECT_FALSE(cursors.open(std::string(ScanCursors::text_bytes_max + 1, 'A'), topic, filter));
}

TEST(ScanCursors, BelongToTheirTopicAndFilter) {
    const ScanCursors cursors(key_of(1));
    const std::string text = cursors.seal(example(), topic, filter);
    EXPECT_FALSE(cursors.open(text, Uuid(), filter));
    FilterSpec other = filter;
    other.key->negated = true;
    EXPECT_FALSE(cursors.open(text, topic, other));
    EXPECT_FALSE(cursors.open(text, topic, FilterSpec{}));
    other = filter;
    std::swap(other.key, other.value);
    EXPECT_FALSE(cursors.open(text, topic, other));
}

}  // namespace
}  // namespace mamba::broker
