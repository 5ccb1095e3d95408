#include "broker/produce.h"
#include "broker/observations.h"

#include <deque>

#include "partitions_fixture.h"

namespace mamba::broker {
namespace {

using protocol::ProduceRequest;
using protocol::ProduceResponse;

constexpr std::int16_t acks_all = -1;

class ProduceTest : public PartitionsFixture {
protected:
    struct Piece {
        TopicPtr topic;
        std::int32_t partition = 0;
        std::optional<Bytes> records;
    };
    // The frame stays alive until the fixture goes, as a receive buffer does until the turn's end.
    bool stage(const std::vector<Piece>& pieces, std::int16_t acks, protocol::MessageVersion version = 9,
               std::optional<std::string_view> transactional_id = std::nullopt) {
        ProduceRequest request;
        request.acks = acks;
        request.timeout_ms = 1000;
        request.transactional_id = transactional_id;
        for (const Piece& piece : pieces) {
            auto& topic = request.topic_data.emplace_back();
            topic.name = piece.topic->name;
            topic.topic_id = piece.topic->id;
            auto& data = topic.partition_data.emplace_back();
            data.index = piece.partition;
            data.records.reset();
            if (piece.records) data.records.emplace(BytesView(*piece.records));
        }
        protocol::Writer out(256);
        request.encode(out, version);
        Bytes& frame = frames_.emplace_back(out.take());
        return turn_.on_request(
            frame, frame,
            {.client = client_, .client_id = "c", .version = version, .received = start_, .now = wall_now()}, 7,
            ReplySlot(answers_, place_++));
    }
    static Timestamp wall_now() {
        return Timestamp(std::chrono::duration_cast<std::chrono::milliseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count());
    }
    void commit() { turn_.commit(wall_now()); }
    ProduceResponse response(std::uint64_t place, protocol::MessageVersion version = 9) const {
        return answers_->decode<ProduceResponse>(place, version, version >= 9);
    }
    ErrorCode error_of(std::uint64_t place, protocol::MessageVersion version = 9) const {
        return ErrorCode{response(place, version).responses.at(0).partition_responses.at(0).error_code};
    }
    bool answered(std::uint64_t place) const { return answers_->by_place.contains(place); }

    Client client_{.host = "h", .listener = "l"};
    Instant start_ = std::chrono::steady_clock::now();
    std::deque<Bytes> frames_;
    Observations observations_;
    ProduceTurn turn_{*partitions_, observations_, executor_};
    std::uint64_t place_ = 0;
};

TEST_F(ProduceTest, RequestsOfOneTurnToOnePartitionAreOneWrite) {
    const TopicPtr topic = create_topic("t");
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(stage({{topic, 0, batch_of({"a", "b"})}}, 1));
    EXPECT_TRUE(answers_->by_place.empty());
    commit();
    for (std::uint64_t i = 0; i < 5; ++i) {
        const auto got = response(i);
        EXPECT_EQ(got.responses.at(0).name, "t");
        EXPECT_EQ(got.responses[0].partition_responses.at(0).base_offset, static_cast<std::int64_t>(2 * i));
        EXPECT_EQ(got.responses[0].partition_responses[0].log_append_time_ms, -1);
        EXPECT_EQ(got.responses[0].partition_responses[0].log_start_offset, 0);
    }
    EXPECT_TRUE(turn_.waiting_requests({}).empty());
}

TEST_F(ProduceTest, AcksAllIsAnsweredWhenTheFlushHasConfirmedIt) {
    const TopicPtr topic = create_topic("t");
    ASSERT_TRUE(stage({{topic, 0, batch_of({"a"})}}, acks_all));
    commit();
    executor_.run_until([&] { return answered(0); });
    EXPECT_EQ(error_of(0), ErrorCode::none);
    EXPECT_EQ(partition("t")->high_watermark(), Offset(1));
    EXPECT_TRUE(turn_.waiting_requests({}).empty());
    EXPECT_NE(answers_->by_place.at(0).parked, Instant{});  // for the flush
    EXPECT_EQ(answers_->by_place.at(0).error, ErrorCode::none);
}

TEST_F(ProduceTest, AcksAllInThePageCacheIsAnsweredInTheTurn) {
    settings_.flush_on_acks_all = false;
    const TopicPtr topic = create_topic("t");
    ASSERT_TRUE(stage({{topic, 0, batch_of({"a"})}}, acks_all));
    commit();
    EXPECT_TRUE(answered(0));
}

TEST_F(ProduceTest, LogAppendTimeIsTold) {
    settings_.rules.timestamp_type = protocol::TimestampType::log_append_time;
    const TopicPtr topic = create_topic("t");
    ASSERT_TRUE(stage({{topic, 0, batch_of({"a"})}}, 1));
    commit();
    EXPECT_GT(response(0).responses[0].partition_responses[0].log_append_time_ms, 0);
}

TEST_F(ProduceTest, AcksNoneHasNoAnswerAndAnErrorEndsTheConnection) {
    const TopicPtr topic = create_topic("t");
    ASSERT_TRUE(stage({{topic, 0, batch_of({"a"})}}, 0));
    commit();
    EXPECT_EQ(answers_->skipped, std::vector<std::uint64_t>{0});
    EXPECT_FALSE(answers_->closed);
    const Answer& told = answers_->told_of.at(0);  // by which it is counted as others are
    EXPECT_EQ(told.api_key, ProduceResponse::api_key);
    EXPECT_TRUE(told.bytes.empty());
    ClientTopics topics;
    topics.add(told.topics);
    EXPECT_EQ(topics.all(), (std::vector<TopicBytes>{{.topic_id = topic->id, .in = batch_of({"a"}).size()}}));
    ASSERT_TRUE(stage({{topic, 9, batch_of({"a"})}}, 0));
    commit();
    EXPECT_TRUE(answers_->closed);
    EXPECT_TRUE(answers_->by_place.empty());
    EXPECT_EQ(answers_->told_of.at(1).error, ErrorCode::unknown_topic_or_partition);
}

TEST_F(ProduceTest, OnePartitionsErrorLeavesTheOthersAlone) {
    const TopicPtr topic = create_topic("t");
    const TopicPtr other = create_topic("u");
    Bytes damaged = batch_of({"a"});
    damaged.back() ^= std::byte{1};
    ASSERT_TRUE(stage({{topic, 0, damaged}, {topic, 5, batch_of({"b"})}, {other, 0, batch_of({"c"})}}, acks_all));
    commit();
    executor_.run_until([&] { return answered(0); });
    const auto got = response(0);
    ASSERT_EQ(got.responses.size(), 3U);
    EXPECT_EQ(got.responses[0].partition_responses[0].error_code, to_wire(ErrorCode::corrupt_message));
    EXPECT_EQ(got.responses[0].partition_responses[0].base_offset, -1);
    EXPECT_EQ(got.responses[1].partition_responses[0].error_code, to_wire(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(got.responses[2].partition_responses[0].error_code, 0);
}

TEST_F(ProduceTest, RefusesWhatKafkaRefuses) {
    const TopicPtr topic = create_topic("t");
    ASSERT_TRUE(stage({{topic, 0, std::nullopt}}, 1));
    ASSERT_TRUE(stage({{topic, 0, batch_of({"a"})}}, 2));
    auto gone = std::make_shared<TopicState>(*topic);
    gone->id = next_uuid();
    ASSERT_TRUE(stage({{gone, 0, batch_of({"a"})}}, 1, 13));
    commit();
    EXPECT_EQ(error_of(0), ErrorCode::invalid_record);
    EXPECT_EQ(error_of(1), ErrorCode::invalid_required_acks);
    EXPECT_EQ(error_of(2, 13), ErrorCode::unknown_topic_id);
}

TEST_F(ProduceTest, AnIdThatIsKnownLeavesThePartitionUnknown) {
    const TopicPtr topic = create_topic("t");
    ASSERT_TRUE(stage({{topic, 5, batch_of({"a"})}}, 1, 13));
    commit();
    EXPECT_EQ(error_of(0, 13), ErrorCode::unknown_topic_or_partition);
}

TEST_F(ProduceTest, InternalTopicsAreNotForClients) {
    const TopicPtr topic = create_topic("__consumer_offsets");
    ASSERT_TRUE(stage({{topic, 0, batch_of({"a"})}}, 1));
    commit();
    EXPECT_EQ(error_of(0), ErrorCode::invalid_topic_exception);
}

// A Java producer tells a lost history from a mistake of its own by the log start.
TEST_F(ProduceTest, ARefusalNamesTheLogStartWhereKafkasDoes) {
    const TopicPtr topic = create_topic("t");
    ASSERT_TRUE(stage({{topic, 0, batch_of({"a"}, {.producer_id = ProducerId(1), .producer_epoch = ProducerEpoch(0),
                                                   .base_sequence = 0})}}, 1));
    ASSERT_TRUE(stage({{topic, 0, batch_of({"a"}, {.producer_id = ProducerId(1), .producer_epoch = ProducerEpoch(0),
                                                   .base_sequence = 7})}}, 1));
    Bytes damaged = batch_of({"a"});
    damaged.back() ^= std::byte{1};
    ASSERT_TRUE(stage({{topic, 0, damaged}}, 1));
    ASSERT_TRUE(stage({{topic, 0, Bytes()}}, 1));
    commit();
    const auto log_start = [&](std::uint64_t place) {
        return response(place).responses[0].partition_responses[0].log_start_offset;
    };
    EXPECT_EQ(error_of(1), ErrorCode::out_of_order_sequence_number);
    EXPECT_EQ(log_start(1), 0);
    EXPECT_EQ(error_of(2), ErrorCode::corrupt_message);
    EXPECT_EQ(log_start(2), -1);
    EXPECT_EQ(error_of(3), ErrorCode::invalid_record);
    EXPECT_EQ(log_start(3), -1);
}

TEST_F(ProduceTest, ATopicWithoutPartitionsIsLeftOut) {
    ProduceRequest request;
    request.acks = 1;
    request.topic_data.emplace_back().name = "nothing wanted";
    protocol::Writer out(64);
    request.encode(out, 9);
    Bytes& frame = frames_.emplace_back(out.take());
    ASSERT_TRUE(turn_.on_request(frame, frame, {.client = client_, .client_id = "c", .version = 9, .received = start_,
                                                .now = wall_now()}, 7, ReplySlot(answers_, 0)));
    commit();
    EXPECT_TRUE(response(0).responses.empty());
}

// Consumers of that time cannot read it (KIP-110).
TEST_F(ProduceTest, ZstdIsRefusedBelowVersion7) {
    const TopicPtr topic = create_topic("t");
    const Bytes batch = batch_of({"a"}, {.codec = protocol::CompressionType::zstd});
    ASSERT_TRUE(stage({{topic, 0, batch}}, 1, 6));
    ASSERT_TRUE(stage({{topic, 0, batch}}, 1, 7));
    commit();
    EXPECT_EQ(error_of(0, 6), ErrorCode::unsupported_compression_type);
    EXPECT_EQ(error_of(1, 7), ErrorCode::none);
}

TEST_F(ProduceTest, ATransactionalBatchWithoutTheIdRefusesTheWholeRequest) {
    const TopicPtr topic = create_topic("t");
    const TopicPtr other = create_topic("u");
    const Bytes batch = batch_of({"a"}, {.producer_id = ProducerId(1),
                                         .producer_epoch = ProducerEpoch(0),
                                         .base_sequence = 0,
                                         .is_transactional = true});
    ASSERT_TRUE(stage({{other, 0, batch_of({"b"})}, {topic, 0, batch}}, 1));
    commit();
    for (const auto& told : response(0).responses) {
        EXPECT_EQ(told.partition_responses[0].error_code, to_wire(ErrorCode::transactional_id_authorization_failed));
    }
    EXPECT_EQ(partition("u")->log_end_offset(), Offset(0));
}

TEST_F(ProduceTest, WhatIsNotCommittedInTimeIsToldSoOnce) {
    const TopicPtr topic = create_topic("t");
    ASSERT_TRUE(stage({{topic, 0, batch_of({"a"})}}, acks_all));
    commit();
    turn_.expire(start_ + std::chrono::seconds(2));  // before the flush's word has been looked at
    ASSERT_TRUE(answered(0));
    EXPECT_TRUE(turn_.waiting_requests({}).empty());
    partitions_->close(1);
    executor_.run_posted();  // the late commit finds nobody
    EXPECT_EQ(answers_->by_place.size(), 1U);
}

TEST_F(ProduceTest, ADuplicateIsAnsweredWithTheFirstOffset) {
    const TopicPtr topic = create_topic("t");
    const Bytes batch =
        batch_of({"a", "b"}, {.producer_id = ProducerId(7), .producer_epoch = ProducerEpoch(0), .base_sequence = 0});
    ASSERT_TRUE(stage({{topic, 0, batch}}, acks_all));
    ASSERT_TRUE(stage({{topic, 0, batch}}, acks_all));
    commit();
    executor_.run_until([&] { return answered(0) && answered(1); });
    EXPECT_EQ(response(1).responses[0].partition_responses[0].base_offset, 0);
    EXPECT_EQ(error_of(1), ErrorCode::none);
    EXPECT_EQ(partition("t")->log_end_offset(), Offset(2));
}

TEST_F(ProduceTest, WhatIsOutOfTheOrdinaryIsObserved) {
    const TopicPtr topic = create_topic("t");
    const auto numbered = [](std::int32_t sequence) {
        return batch_of({"a"},
                        {.producer_id = ProducerId(7), .producer_epoch = ProducerEpoch(0), .base_sequence = sequence});
    };
    for (const std::int32_t sequence : {0, 0, 0, 9}) {
        ASSERT_TRUE(stage({{topic, 0, numbered(sequence)}}, 1));
        commit();
    }
    const auto seen = observations_.producers.since(0).events;
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].error, ErrorCode::none);
    EXPECT_EQ(seen[0].count, 2U);
    EXPECT_EQ(seen[1].error, ErrorCode::out_of_order_sequence_number);
    EXPECT_EQ(seen[1].first_sequence, 9);
    EXPECT_EQ(seen[1].client_id, "c");

    ASSERT_TRUE(stage({{topic, 5, batch_of({"a"})}}, 1));
    commit();
    const auto refused = observations_.refusals.since(0).events;
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].error, ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(refused[0].subject, "t-5");
    EXPECT_EQ(refused[0].host, "h");
}

// A flush of a folder that is renamed under it would fail and take the log dir offline.
TEST_F(ProduceTest, TopicsThatAreDeletedInTheMiddleOfAFlushLeaveTheDiskInOrder) {
    for (int round = 0; round < 60; ++round) {
        const std::string name = "t" + std::to_string(round);
        const TopicPtr topic = create_topic(name, 3);
        std::vector<Piece> pieces;
        for (std::int32_t i = 0; i < 3; ++i) pieces.push_back({topic, i, batch_of({"a"})});
        ASSERT_TRUE(stage(pieces, acks_all));
        commit();
        delete_topic(topic);
        executor_.run_until([&] { return answered(static_cast<std::uint64_t>(round)); });
        ASSERT_FALSE(partitions_->dirs().front()->dir->offline());
    }
}

}  // namespace
}  // namespace mamba::broker
