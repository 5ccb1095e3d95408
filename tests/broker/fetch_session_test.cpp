#include "broker/fetch_session.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace mamba::broker {
namespace {

using protocol::FetchRequest;

constexpr protocol::MessageVersion by_name = 12;
constexpr protocol::MessageVersion by_id = 13;
const Instant start{};

FetchRequest request_of(std::int32_t session, std::int32_t epoch, const std::vector<std::int32_t>& partitions,
                        const std::vector<std::int32_t>& forgotten = {}) {
    FetchRequest request;
    request.session_id = session;
    request.session_epoch = epoch;
    if (!partitions.empty()) {
        auto& topic = request.topics.emplace_back();
        topic.topic = "t";
        for (const std::int32_t partition : partitions) {
            auto& entry = topic.partitions.emplace_back();
            entry.partition = partition;
            entry.fetch_offset = 10;
            entry.partition_max_bytes = 100;
        }
    }
    if (!forgotten.empty()) {
        auto& topic = request.forgotten_topics_data.emplace_back();
        topic.topic = "t";
        topic.partitions = forgotten;
    }
    return request;
}

FetchSessionCache::Begun begin(FetchSessionCache& cache, const FetchRequest& request, std::int32_t random_id = 5,
                               Instant now = start, protocol::MessageVersion version = by_name) {
    return cache.begin(request, version, now, random_id);
}

std::vector<std::int32_t> partitions_of(const FetchSessionCache::Begun& begun) {
    std::vector<std::int32_t> partitions;
    for (const FetchTarget& target : begun.targets) partitions.push_back(target.partition.value);
    return partitions;
}

std::vector<bool> finish(FetchSessionCache& cache, const FetchSessionCache::Begun& begun, const FetchNews& all) {
    return cache.finish(begun.session_id, begun.targets, std::vector<FetchNews>(begun.targets.size(), all));
}

constexpr FetchNews quiet{.high_watermark = Offset(10), .log_start = Offset(0)};

TEST(FetchSession, ARequestWithoutASessionReadsWhatItNames) {
    FetchSessionCache cache({.sessions_max = 10});
    const auto begun = begin(cache, request_of(0, -1, {1, 2}));
    EXPECT_EQ(begun.session_id, 0);
    EXPECT_FALSE(begun.incremental);
    EXPECT_EQ(partitions_of(begun), (std::vector<std::int32_t>{1, 2}));
    EXPECT_EQ(cache.size(), 0U);
}

// Invariant 1.
TEST(FetchSession, TheEpochRisesByOneAndWrapsToOne) {
    FetchSessionCache cache({.sessions_max = 10});
    EXPECT_EQ(begin(cache, request_of(0, 0, {1})).session_id, 5);
    EXPECT_EQ(begin(cache, request_of(5, 2, {})).error, ErrorCode::invalid_fetch_session_epoch);
    EXPECT_EQ(begin(cache, request_of(5, 1, {})).error, ErrorCode::none);
    EXPECT_EQ(begin(cache, request_of(5, 1, {})).error, ErrorCode::invalid_fetch_session_epoch);
    EXPECT_EQ(begin(cache, request_of(5, 2, {})).error, ErrorCode::none);
    EXPECT_EQ(begin(cache, request_of(6, 1, {})).error, ErrorCode::fetch_session_id_not_found);
    EXPECT_EQ(begin(cache, request_of(0, 1, {})).error, ErrorCode::fetch_session_id_not_found);
}

TEST(FetchSession, ASessionStaysWithNamesOrWithIds) {
    FetchSessionCache cache({.sessions_max = 10});
    (void)begin(cache, request_of(0, 0, {1}));
    EXPECT_EQ(begin(cache, request_of(5, 1, {}), 9, start, by_id).error, ErrorCode::fetch_session_topic_id_error);
    // As in Kafka the epoch is looked at first.
    EXPECT_EQ(begin(cache, request_of(5, 7, {}), 9, start, by_id).error, ErrorCode::invalid_fetch_session_epoch);
    EXPECT_EQ(begin(cache, request_of(5, 1, {})).error, ErrorCode::none);
}

// Invariant 2.
TEST(FetchSession, AFullCacheGivesWayOnlyWhereNobodyFetches) {
    FetchSessionCache cache({.sessions_max = 2});
    (void)begin(cache, request_of(0, 0, {1}), 1, start);
    (void)begin(cache, request_of(0, 0, {1}), 2, start + std::chrono::minutes(1));
    EXPECT_EQ(begin(cache, request_of(0, 0, {1}), 3, start + std::chrono::seconds(119)).session_id, 0);
    EXPECT_EQ(begin(cache, request_of(0, 0, {1}), 3, start + std::chrono::minutes(2)).session_id, 3);
    EXPECT_EQ(cache.size(), 2U);
    EXPECT_EQ(begin(cache, request_of(1, 1, {})).error, ErrorCode::fetch_session_id_not_found);
    EXPECT_EQ(begin(cache, request_of(2, 1, {})).error, ErrorCode::none);
}

TEST(FetchSession, ALargerSessionTakesThePlaceOfASmallOldOne) {
    FetchSessionCache cache({.sessions_max = 2});
    (void)begin(cache, request_of(0, 0, {1, 2, 3}), 1, start);
    (void)begin(cache, request_of(0, 0, {1}), 2, start);
    const Instant later = start + std::chrono::minutes(3);
    EXPECT_EQ(begin(cache, request_of(1, 1, {}), 0, later).error, ErrorCode::none);
    EXPECT_EQ(begin(cache, request_of(2, 1, {}), 0, later).error, ErrorCode::none);
    EXPECT_EQ(begin(cache, request_of(0, 0, {1}), 3, later).session_id, 0);  // no larger than any
    EXPECT_EQ(begin(cache, request_of(0, 0, {1, 2}), 3, later).session_id, 3);
    EXPECT_EQ(begin(cache, request_of(0, 0, {1, 2, 3, 4}), 4, later).session_id, 4);  // 3 is small, but new
    EXPECT_EQ(begin(cache, request_of(3, 1, {}), 0, later).error, ErrorCode::none);
    EXPECT_EQ(begin(cache, request_of(1, 2, {}), 0, later).error, ErrorCode::fetch_session_id_not_found);
}

// What clients name costs memory, be there such a topic or not.
TEST(FetchSession, WhatAllSessionsRememberIsBounded) {
    std::vector<std::int32_t> hundred(100);
    for (std::int32_t i = 0; i < 100; ++i) hundred[static_cast<std::size_t>(i)] = i;
    FetchSessionCache probe({});
    (void)begin(probe, request_of(0, 0, hundred), 1, start);
    const std::size_t bytes = probe.bytes();
    EXPECT_GT(bytes, 100 * sizeof(FetchTarget));

    FetchSessionCache cache({.bytes_max = 2 * bytes + bytes / 2});
    EXPECT_EQ(begin(cache, request_of(0, 0, hundred), 1, start).session_id, 1);
    EXPECT_EQ(begin(cache, request_of(0, 0, hundred), 2, start).session_id, 2);
    EXPECT_EQ(begin(cache, request_of(0, 0, hundred), 3, start).session_id, 0);  // reads in full
    EXPECT_EQ(begin(cache, request_of(1, 1, {200})).error, ErrorCode::none);
    for (std::int32_t& partition : hundred) partition += 1000;
    EXPECT_EQ(begin(cache, request_of(2, 1, hundred)).error, ErrorCode::fetch_session_id_not_found);  // outgrown
    EXPECT_EQ(cache.size(), 1U);
    EXPECT_EQ(begin(cache, request_of(1, -1, {})).session_id, 0);
    EXPECT_EQ(cache.bytes(), 0U);
    EXPECT_EQ(cache.partitions(), 0U);

    auto huge = request_of(0, 0, {1});
    const std::string name(3 * bytes, 'x');
    huge.topics.front().topic = name;
    EXPECT_EQ(begin(cache, huge, 4, start).session_id, 0);
}

TEST(FetchSession, AnIdInUseOrZeroIsNotGivenTwice) {
    FetchSessionCache cache({.sessions_max = 10});
    EXPECT_EQ(begin(cache, request_of(0, 0, {1}), 5).session_id, 5);
    EXPECT_EQ(begin(cache, request_of(0, 0, {1}), 5).session_id, 0);
    EXPECT_EQ(begin(cache, request_of(0, 0, {1}), 0).session_id, 0);
}

TEST(FetchSession, TheLastPartitionForgottenEndsIt) {
    FetchSessionCache cache({.sessions_max = 10});
    (void)begin(cache, request_of(0, 0, {1, 2}));
    EXPECT_EQ(partitions_of(begin(cache, request_of(5, 1, {3}, {1}))), (std::vector<std::int32_t>{2, 3}));
    const auto last = begin(cache, request_of(5, 2, {}, {2, 3}));
    EXPECT_EQ(last.error, ErrorCode::none);
    EXPECT_EQ(last.session_id, 0);
    EXPECT_EQ(cache.size(), 0U);
}

TEST(FetchSession, AFinalOrANewRequestEndsTheNamedSession) {
    FetchSessionCache cache({.sessions_max = 10});
    (void)begin(cache, request_of(0, 0, {1}), 5);
    EXPECT_EQ(begin(cache, request_of(5, 0, {1}), 6).session_id, 6);
    EXPECT_EQ(cache.size(), 1U);
    EXPECT_EQ(begin(cache, request_of(6, -1, {1})).session_id, 0);
    EXPECT_EQ(cache.size(), 0U);
}

// Invariant 3.
TEST(FetchSession, ErrorsAreRepeatedAndTheirEndIsTold) {
    FetchSessionCache cache({.sessions_max = 10});
    FetchNews wrong = quiet;
    wrong.error = ErrorCode::unknown_topic_or_partition;
    (void)finish(cache, begin(cache, request_of(0, 0, {1})), quiet);
    for (std::int32_t epoch = 1; epoch <= 2; ++epoch) {
        EXPECT_TRUE(finish(cache, begin(cache, request_of(5, epoch, {})), wrong)[0]);
    }
    EXPECT_TRUE(finish(cache, begin(cache, request_of(5, 3, {})), quiet)[0]);
    EXPECT_FALSE(finish(cache, begin(cache, request_of(5, 4, {})), quiet)[0]);
}

TEST(FetchSession, PartitionsWithRecordsGoToTheEndFromTheSecondAnswerOn) {
    FetchSessionCache cache({.sessions_max = 10});
    auto begun = begin(cache, request_of(0, 0, {1, 2, 3}));
    std::vector<FetchNews> news(3, quiet);
    news[0].has_records = true;
    (void)cache.finish(begun.session_id, begun.targets, news);
    begun = begin(cache, request_of(5, 1, {}));
    EXPECT_EQ(partitions_of(begun), (std::vector<std::int32_t>{1, 2, 3}));
    (void)cache.finish(begun.session_id, begun.targets, news);
    EXPECT_EQ(partitions_of(begin(cache, request_of(5, 2, {}))), (std::vector<std::int32_t>{2, 3, 1}));
}

TEST(FetchSession, ASessionThatHasGoneMeanwhileIsAnsweredInFull) {
    FetchSessionCache cache({.sessions_max = 10});
    const auto begun = begin(cache, request_of(0, 0, {1, 2}));
    (void)finish(cache, begun, quiet);
    (void)begin(cache, request_of(5, -1, {}));
    EXPECT_EQ(finish(cache, begun, quiet), (std::vector<bool>{true, true}));
}

// Many sessions with random changes, beside a model that keeps what each client has been told.
TEST(FetchSession, TellsEveryClientAllThatChanged) {
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        const auto below = [&](std::int32_t n) {
            return std::uniform_int_distribution<std::int32_t>(0, n - 1)(random);
        };
        struct Model {
            std::int32_t epoch = 1;
            std::set<std::int32_t> partitions;
            std::map<std::int32_t, std::int64_t> told;  // high watermark; none: not told, or an error
        };
        std::map<std::int32_t, Model> sessions;
        std::map<std::int32_t, std::int64_t> high_watermarks;
        FetchSessionCache cache({.sessions_max = 4});
        for (int step = 0; step < 200; ++step) {
            high_watermarks[below(6)] += below(2);
            if (sessions.size() < 4 && below(4) == 0) {
                const std::int32_t id = step + 1;
                const std::vector<std::int32_t> wanted{below(3), 3 + below(3)};
                const auto begun = begin(cache, request_of(0, 0, wanted), id);
                ASSERT_EQ(begun.session_id, id);
                sessions[id].partitions.insert(wanted.begin(), wanted.end());
                std::vector<FetchNews> news;
                for (const std::int32_t partition : partitions_of(begun)) {
                    news.push_back({.high_watermark = Offset(high_watermarks[partition]), .log_start = Offset(0)});
                    sessions[id].told[partition] = high_watermarks[partition];
                }
                (void)cache.finish(id, begun.targets, news);
                continue;
            }
            if (sessions.empty()) continue;
            auto& [id, model] = *std::next(sessions.begin(), below(static_cast<std::int32_t>(sessions.size())));
            std::vector<std::int32_t> added;
            std::vector<std::int32_t> forgotten;
            if (below(3) == 0) added.push_back(below(6));
            if (below(3) == 0) forgotten.push_back(below(6));
            const auto begun = begin(cache, request_of(id, model.epoch++, added, forgotten));
            ASSERT_EQ(begun.error, ErrorCode::none);
            model.partitions.insert(added.begin(), added.end());
            for (const std::int32_t partition : forgotten) {
                model.partitions.erase(partition);
                model.told.erase(partition);
            }
            const auto read = partitions_of(begun);
            ASSERT_EQ(std::set(read.begin(), read.end()), model.partitions);
            if (model.partitions.empty()) {
                ASSERT_EQ(begun.session_id, 0);
                sessions.erase(id);
                continue;
            }
            std::vector<FetchNews> news;
            for (const std::int32_t partition : read) {
                news.push_back({.has_records = below(8) == 0,
                                .error = below(8) == 0 ? ErrorCode::kafka_storage_error : ErrorCode::none,
                                .high_watermark = Offset(high_watermarks[partition]),
                                .log_start = Offset(0)});
            }
            const auto included = cache.finish(id, begun.targets, news);
            for (std::size_t i = 0; i < read.size(); ++i) {
                const auto told = model.told.find(read[i]);
                const bool has_news = news[i].has_records || news[i].error != ErrorCode::none ||
                                      told == model.told.end() || told->second != news[i].high_watermark.value;
                ASSERT_EQ(included[i], has_news);
                if (news[i].error == ErrorCode::none) {
                    model.told[read[i]] = news[i].high_watermark.value;
                } else {
                    model.told.erase(read[i]);
                }
            }
        }
        ASSERT_EQ(cache.size(), sessions.size());
    }
}

}  // namespace
}  // namespace mamba::broker
