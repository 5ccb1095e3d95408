#include "tools/load/prepared_requests.h"

#include <gtest/gtest.h>

#include "protocol/messages/produce.h"
#include "protocol/messages/request_header.h"
#include "protocol/record_batch.h"

namespace mamba::load {
namespace {

constexpr protocol::MessageVersion version = 12;

protocol::ProduceRequest decoded(BytesView frame) {
    protocol::Reader in(frame);
    EXPECT_EQ(in.int32(), static_cast<std::int32_t>(frame.size() - 4));
    protocol::RequestHeader header;
    header.decode(in, 2);
    protocol::ProduceRequest request;
    request.decode(in, version);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.remaining(), 0U);
    return request;
}

ProducePlan idempotent_plan() {
    ProducePlan plan;
    plan.partitions = 3;
    plan.partitions_per_request = 2;
    plan.records_per_batch = 4;
    plan.in_flight = 2;
    plan.idempotent = true;
    return plan;
}

TEST(PreparedRequests, SlotsCoverEveryPartitionEvenly) {
    const PreparedRequests requests(idempotent_plan(), version, 1,
                                    {ProducerId(5), ProducerEpoch(0)}, Timestamp(1));
    std::map<std::int32_t, int> batches;
    for (std::size_t slot = 0; slot < requests.slots(); ++slot) {
        const auto request = decoded(requests.frame(slot));
        for (const auto& data : request.topic_data.at(0).partition_data) ++batches[data.index];
    }
    ASSERT_EQ(batches.size(), 3U);
    EXPECT_EQ(batches[0], batches[1]);
    EXPECT_EQ(batches[1], batches[2]);
}

TEST(PreparedRequests, SequencesRiseWithoutGapsInEachPartition) {
    PreparedRequests requests(idempotent_plan(), version, 0, {ProducerId(5), ProducerEpoch(0)},
                              Timestamp(1));
    std::map<std::int32_t, std::int32_t> next;
    for (std::size_t sent = 0; sent < 4 * requests.slots(); ++sent) {
        const std::size_t slot = sent % requests.slots();
        requests.prepare(slot);
        const auto request = decoded(requests.frame(slot));
        for (const auto& data : request.topic_data.at(0).partition_data) {
            const auto batch = protocol::RecordBatchView::parse(*data.records);
            ASSERT_TRUE(batch);
            EXPECT_TRUE(batch->crc_matches());
            EXPECT_EQ(batch->base_sequence(), next[data.index]);
            next[data.index] += 4;
        }
    }
}

TEST(SkimProduceAnswer, FirstErrorOfAnyPartitionIsFound) {
    protocol::ProduceResponse response;
    auto& topic = response.responses.emplace_back();
    topic.name = "bench";
    topic.partition_responses.resize(3);
    const auto skimmed = [&] {
        protocol::Writer out;
        out.int32(42);
        out.unsigned_varint(0);
        response.encode(out, version);
        return skim_produce_answer(out.view());
    };
    ASSERT_TRUE(skimmed());
    EXPECT_EQ(skimmed()->correlation_id, 42);
    EXPECT_EQ(skimmed()->error, ErrorCode::none);
    topic.partition_responses[1].error_code = to_wire(ErrorCode::corrupt_message);
    topic.partition_responses[1].error_message = "wrong checksum";
    topic.partition_responses[1].current_leader.leader_id = 3;
    topic.partition_responses[1].record_errors.emplace_back().batch_index = 1;
    EXPECT_EQ(skimmed()->error, ErrorCode::corrupt_message);
}

TEST(SkimProduceAnswer, TruncatedAnswerIsAnError) {
    protocol::ProduceResponse response;
    response.responses.emplace_back().partition_responses.resize(2);
    protocol::Writer out;
    out.int32(1);
    out.unsigned_varint(0);
    response.encode(out, version);
    // The throttle time and the last tags behind the topics are not looked at.
    constexpr std::size_t not_looked_at = 5;
    for (std::size_t size = 0; size < out.size() - not_looked_at; ++size) {
        EXPECT_FALSE(skim_produce_answer(out.view().first(size))) << size;
    }
}

}  // namespace
}  // namespace mamba::load
