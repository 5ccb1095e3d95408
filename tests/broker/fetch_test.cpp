#include "broker/fetch.h"
#include "broker/observations.h"

#include "partitions_fixture.h"

namespace mamba::broker {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;

constexpr protocol::MessageVersion version = 13;
constexpr std::int32_t no_limit = 1'000'000;

class FetchTest : public PartitionsFixture {
protected:
    FetchTest() { settings_.flush_on_acks_all = false; }

    FetchRequest request_of(std::int32_t max_wait_ms, std::int32_t min_bytes, std::int32_t max_bytes = no_limit) const {
        FetchRequest request;
        request.max_wait_ms = max_wait_ms;
        request.min_bytes = min_bytes;
        request.max_bytes = max_bytes;
        return request;
    }
    static void add(FetchRequest& request, const TopicPtr& topic, std::int32_t partition, std::int64_t offset,
                    std::int32_t bytes_max = no_limit) {
        auto& entry = request.topics.emplace_back();
        entry.topic_id = topic->id;
        auto& wanted = entry.partitions.emplace_back();
        wanted.partition = partition;
        wanted.fetch_offset = offset;
        wanted.partition_max_bytes = bytes_max;
    }
    void fetch(const FetchRequest& request) {
        fetcher_.on_request(
            request, {.client = client_, .client_id = "c", .version = version, .received = start_, .now = Timestamp(1)},
            7, ReplySlot(answers_, place_++), client_.fetched);
    }
    bool answered(std::uint64_t place = 0) const { return answers_->by_place.contains(place); }
    FetchResponse response(std::uint64_t place = 0) const {
        return answers_->decode<FetchResponse>(place, version, true);
    }

    Client client_{.host = "h", .listener = "l"};
    FetchSessions sessions_{FetchSessionCache::Limits{.sessions_max = 10}};
    Instant start_ = std::chrono::steady_clock::now() + std::chrono::hours(1);
    Observations observations_;
    Fetcher fetcher_{*partitions_, sessions_, observations_, workers_, executor_, {}};
    std::uint64_t place_ = 0;
};

TEST_F(FetchTest, AnswersAtOnceWithWhatIsThere) {
    const TopicPtr topic = create_topic("t");
    append(*partition("t"), {"one"});
    append(*partition("t"), {"two"});
    FetchRequest request = request_of(500, 1);
    add(request, topic, 0, 0);
    fetch(request);
    ASSERT_TRUE(answered());
    const FetchResponse got = response();
    ASSERT_EQ(got.responses.size(), 1U);
    const auto& told = got.responses[0].partitions.at(0);
    EXPECT_EQ(told.error_code, 0);
    EXPECT_EQ(told.high_watermark, 2);
    EXPECT_EQ(told.last_stable_offset, 2);
    EXPECT_EQ(told.log_start_offset, 0);
    protocol::BatchCursor cursor(told.records.bytes);
    EXPECT_EQ(cursor.next()->base_offset(), Offset(0));
    EXPECT_EQ(cursor.next()->base_offset(), Offset(1));
}

TEST_F(FetchTest, TellsWhereTheClientReadsAndWhatItGot) {
    const TopicPtr topic = create_topic("t");
    append(*partition("t"), {"one"});
    append(*partition("t"), {"two"});
    FetchRequest request = request_of(500, 1);
    add(request, topic, 0, 1);
    add(request, topic, 7, 5);  // which is not there
    fetch(request);
    const std::vector<FetchedFrom> positions{{topic->id, PartitionIndex(0), Offset(1)}};
    EXPECT_EQ(client_.fetched, positions);
    ClientTopics topics;
    topics.add(answers_->by_place.at(0).topics);
    const std::size_t bytes = response().responses[0].partitions[0].records.bytes.size();
    EXPECT_EQ(topics.all(), (std::vector<TopicBytes>{{.topic_id = topic->id, .out = bytes}}));

    FetchRequest follower = request_of(0, 1);
    follower.replica_state.replica_id = 2;
    add(follower, topic, 0, 0);
    fetch(follower);
    EXPECT_EQ(client_.fetched, positions);
}

TEST_F(FetchTest, PositionsTakeTheStorageOfTheOnesBefore) {
    const TopicPtr topic = create_topic("t");
    FetchRequest request = request_of(0, 1);
    add(request, topic, 0, 0);
    fetch(request);
    const FetchedFrom* storage = client_.fetched.data();
    append(*partition("t"), {"one"});
    request.topics[0].partitions[0].fetch_offset = 1;
    fetch(request);
    EXPECT_EQ(client_.fetched.data(), storage);
    EXPECT_EQ(client_.fetched, (std::vector<FetchedFrom>{{topic->id, PartitionIndex(0), Offset(1)}}));
}

// However often it looks before there is enough: what counts is what it is given.
TEST_F(FetchTest, BytesAreCountedOnceTheyLeave) {
    const TopicPtr topic = create_topic("t");
    FetchRequest request = request_of(500, 1'000);
    add(request, topic, 0, 0);
    fetch(request);
    append(*partition("t"), {"one"});
    executor_.run_posted();
    append(*partition("t"), {"two"});
    executor_.run_posted();
    EXPECT_FALSE(answered());
    EXPECT_EQ(partition("t")->bytes_out(), 0U);
    append(*partition("t"), {std::string(1'000, 'x')});
    executor_.run_posted();
    ASSERT_TRUE(answered());
    EXPECT_EQ(partition("t")->bytes_out(), response().responses[0].partitions[0].records.bytes.size());
}

// Its position is known while it waits, not only once it was answered.
TEST_F(FetchTest, WaitingClientHasAPosition) {
    const TopicPtr topic = create_topic("t");
    FetchRequest request = request_of(500, 1);
    add(request, topic, 0, 0);
    fetch(request);
    EXPECT_FALSE(answered());
    EXPECT_EQ(client_.fetched, (std::vector<FetchedFrom>{{topic->id, PartitionIndex(0), Offset(0)}}));
}

TEST_F(FetchTest, WaitsForRecordsAndIsWokenByThem) {
    const TopicPtr topic = create_topic("t");
    FetchRequest request = request_of(500, 1);
    add(request, topic, 0, 0);
    fetch(request);
    executor_.run_posted();
    EXPECT_FALSE(answered());
    const auto waiting = fetcher_.waiting_requests(start_);
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting[0].kind, "FETCH");
    EXPECT_EQ(waiting[0].deadline, start_ + std::chrono::milliseconds(500));
    EXPECT_NE(waiting[0].reason.find("on t-0 waits for 1 bytes, has 0"), std::string::npos) << waiting[0].reason;
    append(*partition("t"), {"one"});
    executor_.run_posted();
    ASSERT_TRUE(answered());
    EXPECT_EQ(response().responses[0].partitions[0].high_watermark, 1);
    EXPECT_TRUE(fetcher_.waiting_requests(start_).empty());
    const Answer& answer = answers_->by_place.begin()->second;
    EXPECT_NE(answer.parked, Instant{});
    EXPECT_GE(answer.resumed, answer.parked);
    EXPECT_EQ(answer.topic_id, topic->id);
}

TEST_F(FetchTest, EndsItsWaitAtTheDeadlineWithWhatIsThere) {
    const TopicPtr topic = create_topic("t");
    append(*partition("t"), {"one"});
    FetchRequest request = request_of(500, 10'000);
    add(request, topic, 0, 0);
    fetch(request);
    executor_.run_timers(start_ + std::chrono::milliseconds(499));
    EXPECT_FALSE(answered());
    executor_.run_timers(start_ + std::chrono::milliseconds(500));
    ASSERT_TRUE(answered());
    EXPECT_FALSE(response().responses[0].partitions[0].records.bytes.empty());
}

TEST_F(FetchTest, WaitsForNoMoreThanTheAnswerMayHold) {
    const TopicPtr topic = create_topic("t");
    append(*partition("t"), {std::string(200, 'x')});
    FetchRequest request = request_of(500, 10'000, 100);
    add(request, topic, 0, 0);
    fetch(request);
    EXPECT_TRUE(answered());
}

// The segment has got all that it will ever hold. Kafka answers at once, too.
TEST_F(FetchTest, DoesNotWaitAtTheEndOfAnOlderSegment) {
    settings_.log.segment_bytes = 200;
    const TopicPtr topic = create_topic("t");
    for (int i = 0; i < 3; ++i) append(*partition("t"), {std::string(100, 'x')});
    FetchRequest request = request_of(500, 5000);
    add(request, topic, 0, 0);
    fetch(request);
    EXPECT_TRUE(answered());
}

TEST_F(FetchTest, GivesTheFirstBatchWholeWhateverTheLimits) {
    const TopicPtr topic = create_topic("t", 2);
    for (int i = 0; i < 2; ++i) append(*partition("t", i), {std::string(1000, 'x')});
    FetchRequest request = request_of(0, 1, 10);
    add(request, topic, 0, 0, 10);
    add(request, topic, 1, 0, 10);
    fetch(request);
    const FetchResponse got = response();
    ASSERT_EQ(got.responses.size(), 1U);
    ASSERT_EQ(got.responses[0].partitions.size(), 2U);
    EXPECT_GT(got.responses[0].partitions[0].records.bytes.size(), 1000U);
    EXPECT_TRUE(got.responses[0].partitions[1].records.bytes.empty());
}

TEST_F(FetchTest, ErrorsAnswerAtOnce) {
    const TopicPtr topic = create_topic("t");
    FetchRequest request = request_of(500, 1);
    add(request, topic, 0, 5);  // beyond the end
    add(request, topic, 1, 0);  // no such partition
    auto unknown = std::make_shared<TopicState>(*topic);
    unknown->id = next_uuid();
    add(request, unknown, 0, 0);
    fetch(request);
    ASSERT_TRUE(answered());
    const FetchResponse got = response();
    ASSERT_EQ(got.responses.size(), 2U);
    EXPECT_EQ(got.responses[0].partitions[0].error_code, to_wire(ErrorCode::offset_out_of_range));
    EXPECT_EQ(got.responses[0].partitions[0].high_watermark, -1);
    EXPECT_EQ(got.responses[0].partitions[1].error_code, to_wire(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(got.responses[1].partitions[0].error_code, to_wire(ErrorCode::unknown_topic_id));
}

TEST_F(FetchTest, ADeletedTopicEndsTheWait) {
    const TopicPtr topic = create_topic("t");
    FetchRequest request = request_of(500, 1);
    add(request, topic, 0, 0);
    fetch(request);
    delete_topic(topic);
    executor_.run_posted();
    ASSERT_TRUE(answered());
    EXPECT_NE(response().responses[0].partitions[0].error_code, 0);
}

// It waits on many partitions; news of one must not add it to the others' lists once more, and every
// kind of end finds it only once.
TEST_F(FetchTest, IsAnsweredOnceHoweverManyTellIt) {
    const TopicPtr topic = create_topic("t", 3);
    FetchRequest request = request_of(500, 700);
    for (int i = 0; i < 3; ++i) add(request, topic, i, 0);
    fetch(request);
    for (int round = 0; round < 10; ++round) {
        append(*partition("t", round % 3), {"0123456789"});
        append(*partition("t", (round + 1) % 3), {"0123456789"});
        executor_.run_posted();
    }
    ASSERT_TRUE(answered());
    executor_.run_posted();
    executor_.run_timers(start_ + std::chrono::hours(1));
    EXPECT_EQ(answers_->by_place.size(), 1U);
}

TEST_F(FetchTest, AWakeUpBetweenLookAndWaitIsNotLost) {
    const TopicPtr topic = create_topic("t");
    const auto one = partition("t");
    append(*one, {"one"});
    class Listener final : public ReadListener {
    public:
        void on_news() override { ++told; }
        int told = 0;
    };
    const auto listener = std::make_shared<Listener>();
    EXPECT_FALSE(one->await_news(Offset(0), listener));  // moved on already
    EXPECT_TRUE(one->await_news(Offset(1), listener));
    append(*one, {"two"});
    append(*one, {"three"});
    EXPECT_EQ(listener->told, 1);
}

TEST_F(FetchTest, OneTimerServesAllThatWait) {
    const TopicPtr topic = create_topic("t");
    for (int i = 0; i < 100; ++i) {
        FetchRequest request = request_of(500 + i, 1);
        add(request, topic, 0, 0);
        fetch(request);
    }
    EXPECT_EQ(executor_.timers(), 1U);
    executor_.run_timers(start_ + std::chrono::milliseconds(550));
    EXPECT_EQ(answers_->by_place.size(), 51U);
    executor_.run_timers(start_ + std::chrono::seconds(1));
    EXPECT_EQ(answers_->by_place.size(), 100U);
    EXPECT_EQ(executor_.timers(), 0U);
}

TEST_F(FetchTest, ForgetsRequestsWhoseClientsHaveGone) {
    const TopicPtr topic = create_topic("t");
    FetchRequest request = request_of(std::numeric_limits<std::int32_t>::max(), 1);
    add(request, topic, 0, 0);
    fetch(request);
    answers_->gone = true;
    fetcher_.forget_gone();
    EXPECT_TRUE(fetcher_.waiting_requests(start_).empty());
    append(*partition("t"), {"one"});
    executor_.run_posted();
    EXPECT_TRUE(answers_->by_place.empty());
}

TEST_F(FetchTest, AnIncrementalAnswerHoldsOnlyNews) {
    const TopicPtr topic = create_topic("t", 2);
    FetchRequest request = request_of(0, 1);
    request.session_epoch = 0;
    add(request, topic, 0, 0);
    add(request, topic, 1, 0);
    fetch(request);
    executor_.run_timers(start_);
    const std::int32_t session = response(0).session_id;
    EXPECT_NE(session, 0);
    append(*partition("t", 1), {"one"});
    FetchRequest next = request_of(0, 1);
    next.session_id = session;
    next.session_epoch = 1;
    fetch(next);
    executor_.run_timers(start_);
    const FetchResponse got = response(1);
    ASSERT_EQ(got.responses.size(), 1U);
    ASSERT_EQ(got.responses[0].partitions.size(), 1U);
    EXPECT_EQ(got.responses[0].partitions[0].partition_index, 1);
}

}  // namespace
}  // namespace mamba::broker
