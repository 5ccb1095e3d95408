#include "protocol/wire.h"

#include <gtest/gtest.h>

#include "protocol/api.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"

namespace mamba::protocol {
namespace {

TEST(Reader, FirstErrorSticks) {
    const Bytes two(2, std::byte{1});
    Reader in(two);
    EXPECT_EQ(in.int32(), 0);
    EXPECT_EQ(in.error(), DecodeError::truncated);
    EXPECT_EQ(in.int8(), 0);  // the two bytes are not handed out any more
}

TEST(Reader, CountBeyondTheInputIsRefusedBeforeMemoryIsTaken) {
    Writer out;
    out.int32(1'000'000);
    Reader in(out.view());
    EXPECT_EQ(in.count(false, 4, 4), 0u);
    EXPECT_EQ(in.error(), DecodeError::too_many_elements);
}

TEST(Reader, CountBeyondTheBudgetIsRefused) {
    Writer out;
    out.int32(100);
    out.raw(Bytes(100));
    Reader in(out.view(), 1000);
    in.count(false, 1, 64);
    EXPECT_EQ(in.error(), DecodeError::too_many_elements);
}

TEST(Reader, VarintOfMoreThan32BitsIsMalformed) {
    const Bytes bytes(5, std::byte{0xff});
    Reader in(bytes);
    in.unsigned_varint();
    EXPECT_EQ(in.error(), DecodeError::malformed_varint);
}

TEST(Message, EveryVersionOfFetchComesBackEqual) {
    const Uuid id = Uuid::from_random({});
    for (MessageVersion version = FetchRequest::version_min; version <= FetchRequest::version_max; ++version) {
        FetchRequest request;
        request.max_wait_ms = 500;
        request.topics.resize(1);
        if (version <= 12) request.topics[0].topic = "orders";
        if (version >= 13) request.topics[0].topic_id = id;
        request.topics[0].partitions.resize(2);
        request.topics[0].partitions[1].fetch_offset = 42;
        Writer out;
        request.encode(out, version);
        ASSERT_EQ(out.dropped_field(), nullptr);
        Reader in(out.view());
        FetchRequest again;
        again.decode(in, version);
        ASSERT_TRUE(in.ok()) << version;
        EXPECT_EQ(in.remaining(), 0u);
        EXPECT_EQ(again, request) << version;
    }
}

// Null means "all topics" from version 1 on; at version 0 an empty list does.
TEST(Message, NullIsRefusedWhereTheVersionHasNone) {
    Writer out;
    out.int32(-1);
    Reader at0(out.view());
    MetadataRequest request;
    request.decode(at0, 0);
    EXPECT_EQ(at0.error(), DecodeError::negative_length);
    Reader at1(out.view());
    request.decode(at1, 1);
    EXPECT_TRUE(at1.ok());
    EXPECT_FALSE(request.topics.has_value());
}

TEST(Writer, SplicedRecordsAreCountedButNotHeld) {
    Writer out;
    Records records;
    records.spliced = 1000;
    records.source = 7;
    out.records(records, true);
    EXPECT_EQ(out.size(), 2u);  // the length alone
    EXPECT_EQ(out.size_on_wire(), 1002u);
    ASSERT_EQ(out.splices().size(), 1u);
    EXPECT_EQ(out.splices()[0].source, 7u);
}

TEST(Api, ApiVersionsAnswersWithTheOldHeader) {
    const ApiInfo* api = find_api(18);
    ASSERT_NE(api, nullptr);
    EXPECT_EQ(request_header_version(*api, 3), 2);
    EXPECT_EQ(response_header_version(*api, 3), 0);
    EXPECT_EQ(find_api(4), nullptr);  // LeaderAndIsr is gone since Kafka 4.0
}

}  // namespace
}  // namespace mamba::protocol
