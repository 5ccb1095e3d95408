#include "log/leader_epochs.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/log/text_mutations.h"

namespace mamba::log {
namespace {

using Entry = LeaderEpochs::Entry;
using EndOffset = LeaderEpochs::EndOffset;

LeaderEpochs epochs_of(std::initializer_list<std::pair<std::int32_t, std::int64_t>> entries) {
    LeaderEpochs epochs;
    for (const auto& [epoch, start] : entries) epochs.assign(LeaderEpoch(epoch), Offset(start));
    return epochs;
}

EndOffset answer(std::int32_t epoch, std::int64_t end) {
    return {.epoch = LeaderEpoch(epoch), .end_offset = Offset(end)};
}

TEST(LeaderEpochs, AssignChangesTheListOnlyForANewEpochOrAnEarlierStart) {
    LeaderEpochs epochs;
    EXPECT_EQ(epochs.latest(), no_leader_epoch);
    EXPECT_TRUE(epochs.assign(LeaderEpoch{2}, Offset{10}));
    EXPECT_FALSE(epochs.assign(LeaderEpoch{2}, Offset{10}));
    EXPECT_FALSE(epochs.assign(LeaderEpoch{2}, Offset{15}));
    EXPECT_TRUE(epochs.assign(LeaderEpoch{2}, Offset{8}));
    EXPECT_TRUE(epochs.assign(LeaderEpoch{5}, Offset{20}));
    EXPECT_EQ(epochs, epochs_of({{2, 8}, {5, 20}}));
    EXPECT_EQ(epochs.latest(), LeaderEpoch{5});
}

TEST(LeaderEpochs, AssignRemovesWhatContradictsIt) {
    LeaderEpochs epochs = epochs_of({{1, 0}, {3, 10}, {4, 20}});
    EXPECT_TRUE(epochs.assign(LeaderEpoch{5}, Offset{10}));
    EXPECT_EQ(epochs, epochs_of({{1, 0}, {5, 10}}));
    EXPECT_TRUE(epochs.assign(LeaderEpoch{2}, Offset{30}));
    EXPECT_EQ(epochs, epochs_of({{1, 0}, {2, 30}}));
}

// The table of KIP-101 and KIP-279.
TEST(LeaderEpochs, EndOffsetIsThatOfTheLargestEpochNotAboveTheAskedOne) {
    const LeaderEpochs epochs = epochs_of({{2, 5}, {4, 10}, {7, 30}});
    const Offset end{42};
    EXPECT_EQ(epochs.end_offset_for(LeaderEpoch{7}, end), answer(7, 42));
    EXPECT_EQ(epochs.end_offset_for(LeaderEpoch{4}, end), answer(4, 30));
    EXPECT_EQ(epochs.end_offset_for(LeaderEpoch{6}, end), answer(4, 30));
    EXPECT_EQ(epochs.end_offset_for(LeaderEpoch{3}, end), answer(2, 10));
    EXPECT_EQ(epochs.end_offset_for(LeaderEpoch{1}, end), answer(1, 5));
    EXPECT_FALSE(epochs.end_offset_for(LeaderEpoch{8}, end).known());
    EXPECT_FALSE(epochs.end_offset_for(no_leader_epoch, end).known());
    EXPECT_FALSE(LeaderEpochs{}.end_offset_for(LeaderEpoch{0}, end).known());
}

TEST(LeaderEpochs, EpochAtIsThatOfTheLastStartAtOrBelow) {
    const LeaderEpochs epochs = epochs_of({{2, 5}, {4, 10}});
    EXPECT_EQ(epochs.epoch_at(Offset{4}), std::nullopt);
    EXPECT_EQ(epochs.epoch_at(Offset{5}), LeaderEpoch{2});
    EXPECT_EQ(epochs.epoch_at(Offset{9}), LeaderEpoch{2});
    EXPECT_EQ(epochs.epoch_at(Offset{10}), LeaderEpoch{4});
    EXPECT_EQ(epochs.epoch_at(Offset{1000}), LeaderEpoch{4});
}

TEST(LeaderEpochs, TruncateFromEndRemovesEpochsThatLostTheirFirstRecord) {
    LeaderEpochs epochs = epochs_of({{2, 5}, {4, 10}, {7, 30}});
    EXPECT_FALSE(epochs.truncate_from_end(Offset{31}));
    EXPECT_TRUE(epochs.truncate_from_end(Offset{30}));
    EXPECT_EQ(epochs, epochs_of({{2, 5}, {4, 10}}));
    EXPECT_TRUE(epochs.truncate_from_end(Offset{0}));
    EXPECT_TRUE(epochs.entries().empty());
}

TEST(LeaderEpochs, TruncateFromStartKeepsTheEpochThatHoldsTheNewStart) {
    LeaderEpochs epochs = epochs_of({{2, 5}, {4, 10}, {7, 30}});
    EXPECT_FALSE(epochs.truncate_from_start(Offset{4}));
    EXPECT_FALSE(epochs.truncate_from_start(Offset{5}));
    EXPECT_TRUE(epochs.truncate_from_start(Offset{12}));
    EXPECT_EQ(epochs, epochs_of({{4, 12}, {7, 30}}));
    EXPECT_TRUE(epochs.truncate_from_start(Offset{30}));
    EXPECT_EQ(epochs, epochs_of({{7, 30}}));
}

// Against a model that remembers the epoch of every single record.
TEST(LeaderEpochs, AgreeWithAnEpochPerRecord) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        std::map<std::int64_t, std::int32_t> model;
        LeaderEpochs epochs;
        std::int64_t start = 0;
        std::int64_t end = 0;
        std::int32_t epoch = 0;
        for (int step = 0; step < 60; ++step) {
            switch (random() % 6) {
                case 0:
                    end = start + static_cast<std::int64_t>(random()) % (end - start + 1);
                    model.erase(model.lower_bound(end), model.end());
                    epochs.truncate_from_end(Offset(end));
                    ++epoch;
                    break;
                case 1:
                    start += static_cast<std::int64_t>(random()) % (end - start + 1);
                    if (start == end) break;  // an empty log keeps its last epoch
                    model.erase(model.begin(), model.lower_bound(start));
                    epochs.truncate_from_start(Offset(start));
                    break;
                case 2:
                    epoch += 1 + static_cast<std::int32_t>(random() % 3);
                    break;
                default:
                    epochs.assign(LeaderEpoch(epoch), Offset(end));
                    model[end++] = epoch;
            }
            for (const auto& [offset, written_by] : model) {
                ASSERT_EQ(epochs.epoch_at(Offset(offset)), LeaderEpoch(written_by));
            }
            for (std::size_t i = 1; i < epochs.entries().size(); ++i) {
                ASSERT_LT(epochs.entries()[i - 1].epoch, epochs.entries()[i].epoch);
                ASSERT_LT(epochs.entries()[i - 1].start_offset, epochs.entries()[i].start_offset);
            }
        }
    }
}

// Golden text: Apache Kafka 4.3.0, a partition with one leader so far.
TEST(LeaderEpochs, TextIsKafkas) {
    EXPECT_EQ(LeaderEpochs::parse("0\n1\n0 0\n").value(), epochs_of({{0, 0}}));
    EXPECT_EQ(epochs_of({{0, 0}}).format(), "0\n1\n0 0\n");
    EXPECT_EQ(LeaderEpochs::parse("").value(), LeaderEpochs{});
    EXPECT_EQ(LeaderEpochs{}.format(), "0\n0\n");
}

TEST(LeaderEpochs, AnyDamageGivesAnErrorOrAValueThatRoundTrips) {
    for (const std::string_view text :
         {"0\n1\n0\n", "0\n1\n-1 0\n", "0\n1\n0 -1\n", "0\n1\n0 0 0\n"}) {
        EXPECT_FALSE(LeaderEpochs::parse(text)) << text;
    }
    for_each_mutation(epochs_of({{0, 0}, {3, 17}, {21, 1234}}).format(),
                      [](const std::string& text) {
                          const auto epochs = LeaderEpochs::parse(text);
                          if (!epochs) return;
                          EXPECT_EQ(LeaderEpochs::parse(epochs->format()).value(), *epochs);
                      });
}

}  // namespace
}  // namespace mamba::log
