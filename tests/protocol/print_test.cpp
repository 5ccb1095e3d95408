#include "protocol/print.h"

#include <gtest/gtest.h>

#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"

namespace mamba::protocol {
namespace {

TEST(Print, NamesEveryFieldAndNestsStructures) {
    ProduceResponse response;
    response.responses.resize(1);
    response.responses[0].name = "orders";
    EXPECT_EQ(print(response).find(R"({"responses": [{"name": "orders")"), 0u) << print(response);
    EXPECT_NE(print(response).find(R"("throttle_time_ms": 0)"), std::string::npos);
}

TEST(Print, ShowsRecordsAsALengthOnly) {
    const Bytes records(120, std::byte{'x'});
    ProduceRequest request;
    request.topic_data.resize(1);
    request.topic_data[0].partition_data.resize(1);
    request.topic_data[0].partition_data[0].records = BytesInFrame(records);
    EXPECT_NE(print(request).find(R"("records": 120 bytes)"), std::string::npos) << print(request);
    EXPECT_EQ(print(request).find("xx"), std::string::npos);

    FetchResponse response;
    response.responses.resize(1);
    response.responses[0].partitions.resize(1);
    response.responses[0].partitions[0].records.spliced = 4096;
    EXPECT_NE(print(response).find(R"("records": 4096 bytes)"), std::string::npos);
}

TEST(Print, EscapesWhatCouldBreakALogLine) {
    ProduceRequest request;
    request.transactional_id = "a\"b\\c\n\x1b[31m\xff";
    EXPECT_NE(print(request).find(R"("a\"b\\c\x0a\x1b[31m\xff")"), std::string::npos)
        << print(request);
    request.transactional_id.reset();
    EXPECT_NE(print(request).find(R"("transactional_id": null)"), std::string::npos);
}

TEST(Print, StopsAtTheBound) {
    MetadataRequest request;
    request.topics.emplace(100'000);
    const std::string text = print(request);
    EXPECT_EQ(text.size(), print_bytes_max);
    EXPECT_TRUE(text.ends_with("..."));
    for (std::size_t bound = 0; bound < 40; ++bound) {
        EXPECT_LE(print(request, bound).size(), bound);
    }
}

}  // namespace
}  // namespace mamba::protocol
