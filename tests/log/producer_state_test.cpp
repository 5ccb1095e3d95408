#include "log/producer_state.h"

#include <gtest/gtest.h>

#include <deque>
#include <fstream>
#include <limits>
#include <map>
#include <random>
#include <sstream>

#include "protocol/byte_order.h"
#include "protocol/crc32c.h"
#include "tests/log/text_mutations.h"

namespace mamba::log {
namespace {

using Verdict = ProducerState::Verdict;

constexpr std::int32_t sequence_max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t for_ever = std::numeric_limits<std::int64_t>::max();

// A batch of producer 7 at `offset` with sequences `first` to `last`.
ProducerBatch batch(std::int16_t epoch, std::int32_t first, std::int32_t last,
                    std::int64_t offset) {
    const std::int32_t delta = static_cast<std::int32_t>(
        (std::int64_t{last} - first + (std::int64_t{1} << 31)) % (std::int64_t{1} << 31));
    return {.producer_id = ProducerId(7),
            .epoch = ProducerEpoch(epoch),
            .first_sequence = first,
            .last_sequence = last,
            .first_offset = Offset(offset),
            .last_offset = Offset(offset + delta),
            .max_timestamp = Timestamp(1000 + offset)};
}

ProducerBatch transactional(ProducerBatch b) {
    b.transactional = true;
    return b;
}

EndTransactionMarker marker(std::int16_t epoch, std::int64_t offset, bool commit) {
    return {.producer_id = ProducerId(7),
            .epoch = ProducerEpoch(epoch),
            .coordinator_epoch = 3,
            .commit = commit,
            .offset = Offset(offset),
            .timestamp = Timestamp(1000 + offset)};
}

Verdict refused(ErrorCode code) {
    return {.kind = Verdict::Kind::refuse, .code = code};
}

Verdict duplicate(std::int64_t first, std::int64_t last) {
    return {.kind = Verdict::Kind::duplicate,
            .first_offset = Offset(first),
            .last_offset = Offset(last),
            .append_time = Timestamp(1000 + first)};
}

Bytes bytes_of_hex(std::string_view hex) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(
            static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

ProducerState load(BytesView bytes) {
    auto state = ProducerState::load(bytes, Timestamp(0), for_ever);
    EXPECT_TRUE(state);
    return std::move(state).value();
}

TEST(ProducerState, AcceptsAnUnknownProducerAtAnyEpochAndSequence) {
    EXPECT_TRUE(ProducerState{}.check(batch(5, 0, 3, 0)).accepted());
    EXPECT_TRUE(ProducerState{}.check(batch(5, 1000, 1003, 0)).accepted());
}

TEST(ProducerState, TheLastFiveBatchesAreAnsweredWithTheirFirstOffsets) {
    ProducerState state;
    for (std::int32_t i = 0; i < 6; ++i) state.update(batch(0, i * 2, i * 2 + 1, 100 + i * 2));
    EXPECT_EQ(state.check(batch(0, 0, 1, 500)), refused(ErrorCode::out_of_order_sequence_number));
    for (std::int32_t i = 1; i < 6; ++i) {
        EXPECT_EQ(state.check(batch(0, i * 2, i * 2 + 1, 500)),
                  duplicate(100 + i * 2, 101 + i * 2));
    }
    // Overlapping a remembered batch is not repeating it.
    EXPECT_EQ(state.check(batch(0, 2, 2, 500)), refused(ErrorCode::out_of_order_sequence_number));
    EXPECT_EQ(state.check(batch(0, 2, 5, 500)), refused(ErrorCode::out_of_order_sequence_number));
}

TEST(ProducerState, SequencesFollowEachOther) {
    ProducerState state;
    state.update(batch(0, 0, 4, 0));
    EXPECT_TRUE(state.check(batch(0, 5, 5, 5)).accepted());
    EXPECT_EQ(state.check(batch(0, 6, 6, 5)), refused(ErrorCode::out_of_order_sequence_number));
    EXPECT_EQ(state.check(batch(0, 4, 8, 5)), refused(ErrorCode::out_of_order_sequence_number));
}

TEST(ProducerState, WithoutAnEpochSequencesAreNotChecked) {
    ProducerState state;
    state.update(batch(-1, 0, 1, 0));
    EXPECT_TRUE(state.check(batch(-1, 0, 0, 2)).accepted());
    EXPECT_TRUE(state.check(batch(0, 5, 5, 2)).accepted());
}

TEST(ProducerState, SequencesWrapToZero) {
    ProducerState state;
    state.update(batch(0, sequence_max - 1, sequence_max, 0));
    EXPECT_TRUE(state.check(batch(0, 0, 3, 2)).accepted());
    ProducerState across;
    across.update(batch(0, sequence_max - 1, 1, 0));
    EXPECT_EQ(across.check(batch(0, sequence_max - 1, 1, 9)), duplicate(0, 3));
    EXPECT_TRUE(across.check(batch(0, 2, 2, 4)).accepted());
    EXPECT_EQ(sequence_after(sequence_max, 1), 0);
    EXPECT_EQ(sequence_before(0, 1), sequence_max);
}

TEST(ProducerState, AnOlderEpochIsFencedAndANewerOneStartsAtZero) {
    ProducerState state;
    state.update(batch(4, 0, 9, 0));
    EXPECT_EQ(state.check(batch(3, 10, 10, 10)), refused(ErrorCode::invalid_producer_epoch));
    EXPECT_EQ(state.check(batch(3, 0, 9, 10)), refused(ErrorCode::invalid_producer_epoch));
    EXPECT_EQ(state.check(batch(5, 10, 10, 10)), refused(ErrorCode::out_of_order_sequence_number));
    EXPECT_TRUE(state.check(batch(5, 0, 0, 10)).accepted());
    state.update(batch(5, 0, 0, 10));
    EXPECT_EQ(state.find(ProducerId(7))->batch_count, 1);
    EXPECT_EQ(state.check(batch(4, 0, 9, 11)), refused(ErrorCode::invalid_producer_epoch));
}

TEST(ProducerState, AMarkerEndsTheTransactionAndRaisesTheEpoch) {
    ProducerState state;
    state.update(transactional(batch(0, 0, 4, 10)));
    state.update(transactional(batch(0, 5, 9, 15)));
    EXPECT_EQ(state.first_undecided_offset(), Offset(10));
    EXPECT_EQ(state.check(batch(0, 10, 10, 20)), refused(ErrorCode::invalid_txn_state));
    EXPECT_EQ(state.end_transaction(marker(1, 20, false)),
              (CompletedTransaction{.producer_id = ProducerId(7),
                                    .first_offset = Offset(10),
                                    .last_offset = Offset(20),
                                    .aborted = true}));
    EXPECT_EQ(state.first_undecided_offset(), std::nullopt);
    EXPECT_EQ(state.check(batch(0, 10, 10, 21)), refused(ErrorCode::invalid_producer_epoch));
    EXPECT_TRUE(state.check(batch(1, 0, 0, 21)).accepted());
    EXPECT_EQ(state.end_transaction(marker(1, 21, true)), std::nullopt);
}

TEST(ProducerState, AnOlderCoordinatorIsFenced) {
    ProducerState state;
    state.end_transaction(marker(0, 20, true));
    EndTransactionMarker older = marker(0, 21, true);
    older.coordinator_epoch = 2;
    EXPECT_EQ(state.check(older, 1), ErrorCode::transaction_coordinator_fenced);
    EXPECT_EQ(state.check(marker(0, 21, true), 1), ErrorCode::none);
}

TEST(ProducerState, AnIdleProducerIsForgottenUnlessItsTransactionIsOpen) {
    ProducerState state;
    state.update(batch(0, 0, 0, 0));  // at 1000
    EXPECT_EQ(state.expire(Timestamp(1099), 100), 0U);
    EXPECT_EQ(state.expire(Timestamp(1100), 100), 1U);
    EXPECT_TRUE(state.check(batch(0, 77, 77, 1)).accepted());

    state.update(transactional(batch(0, 0, 0, 0)));
    EXPECT_EQ(state.expire(Timestamp(9999), 100), 0U);
    ProducerBatch extreme = batch(0, 0, 0, 0);
    extreme.producer_id = ProducerId(8);
    extreme.max_timestamp = Timestamp(std::numeric_limits<std::int64_t>::min());
    state.update(extreme);
    EXPECT_EQ(state.expire(Timestamp(9999), 100), 1U);
}

TEST(ProducerState, RollingBackRestoresWhatStagingChanged) {
    ProducerState state;
    state.update(batch(0, 0, 4, 0));
    const Bytes before = state.snapshot();
    state.begin_staging();
    ProducerBatch other = batch(0, 0, 0, 5);
    other.producer_id = ProducerId(9);
    state.update(batch(0, 5, 5, 5));
    state.update(transactional(other));
    EXPECT_EQ(state.first_undecided_offset(), Offset(5));
    EXPECT_EQ(state.check(batch(0, 5, 5, 6)), duplicate(5, 5));  // staged batches count
    state.update(batch(0, 6, 6, 6));
    state.update(batch(1, 0, 6, 7));
    state.roll_back();
    EXPECT_EQ(state.snapshot(), before);
    EXPECT_EQ(state.first_undecided_offset(), std::nullopt);
    EXPECT_EQ(state.find(ProducerId(9)), nullptr);
    EXPECT_TRUE(state.check(batch(0, 5, 5, 5)).accepted());

    state.begin_staging();
    state.update(batch(0, 5, 5, 5));
    state.commit_staging();
    EXPECT_TRUE(state.check(batch(0, 6, 6, 6)).accepted());
}

// The file 00000000000000000020.snapshot of Apache Kafka 4.3.0 after 20 records of one idempotent
// console producer, written by its orderly stop.
TEST(ProducerState, SnapshotIsKafkasByteForByte) {
    const Bytes golden = bytes_of_hex(
        "000170cc866e00000001000000000000000000000000001300000000000000130000001300000"
        "1a2103aed71ffffffffffffffffffffffff");
    ASSERT_EQ(golden.size(), 56U);
    const ProducerState state = load(golden);
    ASSERT_EQ(state.producers().size(), 1U);
    const ProducerState::Producer& producer = *state.find(ProducerId(0));
    EXPECT_EQ(producer.epoch, ProducerEpoch(0));
    EXPECT_EQ(producer.last_sequence(), 19);
    EXPECT_EQ(producer.kept()[0].first_offset(), Offset(0));
    EXPECT_EQ(producer.kept()[0].last_offset, Offset(19));
    EXPECT_EQ(state.snapshot(), golden);
}

TEST(ProducerState, EmptySnapshotHasTenBytes) {
    EXPECT_EQ(ProducerState{}.snapshot().size(), 10U);
    EXPECT_TRUE(load(ProducerState{}.snapshot()).producers().empty());
}

TEST(ProducerState, LoadLeavesOutWhoHasExpired) {
    ProducerState state;
    state.update(batch(0, 0, 0, 0));
    const Bytes bytes = state.snapshot();
    EXPECT_TRUE(ProducerState::load(bytes, Timestamp(1100), 100).value().producers().empty());
    EXPECT_EQ(ProducerState::load(bytes, Timestamp(1099), 100).value().producers().size(), 1U);
}

TEST(ProducerState, LoadRefusesAnyTruncationAndAnyFlippedBit) {
    ProducerState state;
    state.update(transactional(batch(0, 0, 0, 3)));
    const Bytes bytes = state.snapshot();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(ProducerState::load(BytesView(bytes).first(size), Timestamp(0), for_ever));
    }
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        Bytes damaged = bytes;
        damaged[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        EXPECT_FALSE(ProducerState::load(damaged, Timestamp(0), for_ever)) << bit;
    }
}

// Behind a checksum that is right.
TEST(ProducerState, LoadOfAnyEntriesGivesAnErrorOrAStateThatRoundTrips) {
    ProducerState state;
    state.update(transactional(batch(0, 0, 0, 3)));
    ProducerBatch other = batch(2, 8, 9, 5);
    other.producer_id = ProducerId(9);
    state.update(other);
    const Bytes valid = state.snapshot();
    for_each_mutation(as_text(valid), [](const std::string& text) {
        if (text.size() < 6) return;
        Bytes bytes(as_bytes(text).begin(), as_bytes(text).end());
        protocol::store_be(bytes.data() + 2, protocol::crc32c(BytesView(bytes).subspan(6)));
        const auto loaded = ProducerState::load(bytes, Timestamp(0), for_ever);
        if (!loaded) return;
        EXPECT_EQ(load(loaded->snapshot()).producers(), loaded->producers());
    });
}

// Every decision of Apache Kafka 4.3.0 in a script of 1,500 events; see testdata/*.java.
TEST(ProducerState, DecidesAsKafkaDoes) {
    std::ifstream file(MAMBA_TESTDATA "/producer_state_kafka_4_3.txt");
    ASSERT_TRUE(file);
    ProducerState state;
    std::string line;
    std::size_t events = 0;
    for (; std::getline(file, line); ++events) {
        SCOPED_TRACE(line);
        std::istringstream words(line);
        std::string event;
        std::string arrow;
        words >> event;
        std::ostringstream answer;
        if (event == "batch") {
            ProducerBatch b;
            std::string in_transaction;
            words >> b.producer_id.value >> b.epoch.value >> b.first_sequence >> b.last_sequence >>
                b.first_offset.value >> b.max_timestamp.value >> in_transaction;
            b.transactional = in_transaction == "true";
            const std::int64_t steps =
                (std::int64_t{b.last_sequence} - b.first_sequence + (std::int64_t{1} << 31)) %
                (std::int64_t{1} << 31);
            b.last_offset = b.first_offset + steps;
            const Verdict verdict = state.check(b);
            switch (verdict.kind) {
                case Verdict::Kind::accept:
                    state.update(b);
                    answer << "accept";
                    break;
                case Verdict::Kind::duplicate:
                    answer << "duplicate " << verdict.first_offset.value << ' '
                           << verdict.last_offset.value;
                    break;
                case Verdict::Kind::refuse:
                    answer << name_of(verdict.code);
            }
        } else if (event == "end") {
            EndTransactionMarker m;
            std::int16_t version = 0;
            std::string commit;
            words >> m.producer_id.value >> m.epoch.value >> m.coordinator_epoch >> commit >>
                version >> m.offset.value >> m.timestamp.value;
            m.commit = commit == "true";
            if (const ErrorCode code = state.check(m, version); code != ErrorCode::none) {
                answer << name_of(code);
            } else if (const auto completed = state.end_transaction(m)) {
                answer << completed->first_offset.value << ' '
                       << (completed->aborted ? "true" : "false");
            } else {
                answer << "none";
            }
        } else if (event == "expire") {
            std::int64_t now = 0;
            words >> now;
            answer << state.expire(Timestamp(now), 1000);
        } else if (event == "undecided") {
            answer << state.first_undecided_offset().value_or(Offset(-1)).value;
        } else {
            ASSERT_EQ(event, "snapshot");
            std::string hex;
            words >> hex;
            ASSERT_EQ(state.snapshot(), bytes_of_hex(hex));
            continue;
        }
        ASSERT_EQ(line.substr(line.find("-> ") + 3), answer.str());
    }
    EXPECT_EQ(events, 1500U);
}

// The naive model: whatever a producer ever sent in its epoch, in order.
TEST(ProducerState, AgreesWithANaiveModelWhateverIsRolledBack) {
    struct Sent {
        std::int16_t epoch = -1;
        std::deque<ProducerBatch> batches;
    };
    for (unsigned seed = 0; seed < 100; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        const auto below = [&random](std::uint32_t limit) {
            return static_cast<std::int32_t>(random() % limit);
        };
        ProducerState state;
        std::map<std::int64_t, Sent> model;
        std::int64_t end = 0;
        for (int turn = 0; turn < 60; ++turn) {
            const auto model_before = model;
            const std::int64_t end_before = end;
            state.begin_staging();
            for (std::int32_t i = below(8); i >= 0; --i) {
                const std::int64_t id = below(3);
                Sent& sent = model[id];
                const std::int32_t next =
                    sent.batches.empty() ? 0 : sequence_after(sent.batches.back().last_sequence, 1);
                ProducerBatch b;
                if (!sent.batches.empty() && below(3) == 0) {
                    b = sent.batches[static_cast<std::size_t>(
                        below(static_cast<std::uint32_t>(sent.batches.size())))];
                } else {
                    const std::int32_t first = below(4) == 0 ? below(20) : next;
                    b = batch(static_cast<std::int16_t>(sent.epoch + below(2)), first,
                              first + below(5), end);
                }
                b.producer_id = ProducerId(id);
                if (b.epoch.value < 0) b.epoch = ProducerEpoch(0);

                Verdict expected;
                const auto window = std::min<std::size_t>(5, sent.batches.size());
                for (std::size_t k = sent.batches.size() - window; k < sent.batches.size(); ++k) {
                    const ProducerBatch& old = sent.batches[k];
                    if (old.epoch == b.epoch && old.first_sequence == b.first_sequence &&
                        old.last_sequence == b.last_sequence) {
                        expected = {.kind = Verdict::Kind::duplicate,
                                    .first_offset = old.first_offset,
                                    .last_offset = old.last_offset,
                                    .append_time = old.max_timestamp};
                    }
                }
                const bool same_epoch = b.epoch.value == sent.epoch;
                if (expected.accepted() && sent.epoch >= 0 &&
                    b.first_sequence != (same_epoch ? next : 0)) {
                    expected = refused(ErrorCode::out_of_order_sequence_number);
                }
                ASSERT_EQ(state.check(b), expected);
                if (!expected.accepted()) continue;
                state.update(b);
                if (!same_epoch) sent.batches.clear();
                sent.epoch = b.epoch.value;
                sent.batches.push_back(b);
                end = b.last_offset.value + 1;
            }
            if (below(3) == 0) {
                state.roll_back();
                model = model_before;
                end = end_before;
            } else {
                state.commit_staging();
            }
        }
    }
}

}  // namespace
}  // namespace mamba::log
