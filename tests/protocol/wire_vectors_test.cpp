// Our codecs against messages that Apache Kafka's own classes wrote, and against damaged ones.
#include "tests/protocol/wire_vectors.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/protocol/allocation_count.h"
#include "tests/protocol/every_message.h"

namespace mamba::protocol::testing {
namespace {

constexpr std::size_t mutations_in_all = 1'000'000;
// What a decoder may hold whatever its input: the message itself.
constexpr std::size_t allocation_constant = 1024;

std::string describe_vector(const WireVector& vector) {
    return vector.message + " version " + std::to_string(vector.version) + ", " +
           std::to_string(vector.bytes.size()) + " bytes";
}

std::string hex(BytesView bytes) {
    std::string text;
    for (const std::byte byte : bytes) {
        constexpr std::string_view digits = "0123456789abcdef";
        text += digits[std::to_integer<std::size_t>(byte >> 4)];
        text += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
    }
    return text;
}

class WireVectors : public ::testing::Test {
protected:
    static void SetUpTestSuite() { vectors = read_wire_vectors(MAMBA_WIRE_VECTORS); }
    static void TearDownTestSuite() { vectors = {}; }

    static const EveryMessage& message_of(const WireVector& vector) {
        const EveryMessage* message = find_message(vector.message);
        if (message == nullptr) throw std::runtime_error("no such message: " + vector.message);
        return *message;
    }

    static std::vector<WireVector> vectors;
};
std::vector<WireVector> WireVectors::vectors;

TEST_F(WireVectors, EveryVersionOfEveryMessageIsThere) {
    std::set<std::pair<std::string_view, MessageVersion>> seen;
    for (const WireVector& vector : vectors) seen.emplace(vector.message, vector.version);
    for (const EveryMessage& message : every_message()) {
        for (MessageVersion v = message.version_min; v <= message.version_max; ++v) {
            EXPECT_TRUE(seen.contains({message.name, v})) << message.name << " version " << v;
        }
    }
}

TEST_F(WireVectors, DecodeAndEncodeToTheSameBytes) {
    for (const WireVector& vector : vectors) {
        SCOPED_TRACE(describe_vector(vector));
        const RoundTrip result = message_of(vector).round_trip(vector.bytes, vector.version);
        ASSERT_EQ(describe(result.error), describe(DecodeError::none)) << hex(vector.bytes);
        EXPECT_EQ(result.left_over, 0u);
        EXPECT_EQ(result.dropped_field, "");
        ASSERT_EQ(hex(result.again), hex(vector.bytes));
    }
}

TEST_F(WireVectors, EveryTruncationIsAnError) {
    for (const WireVector& vector : vectors) {
        const EveryMessage& message = message_of(vector);
        for (std::size_t size = 0; size < vector.bytes.size(); ++size) {
            // A buffer of its own, so that a sanitizer sees an over-read.
            const Bytes part(vector.bytes.begin(),
                             vector.bytes.begin() + static_cast<std::ptrdiff_t>(size));
            Reader in(part);
            ASSERT_NE(message.decode(in, vector.version), DecodeError::none)
                << describe_vector(vector) << " cut to " << size;
        }
    }
}

// Damages messages in the ways that find decoder bugs. Seeded, so that a failure repeats.
class Mutator {
public:
    explicit Mutator(std::uint32_t seed) : random_(seed) {}

    Bytes mutate(const Bytes& original, const Bytes& other) {
        Bytes bytes = original;
        const std::size_t changes = 1 + below(3);
        for (std::size_t i = 0; i < changes; ++i) change(bytes, other);
        return bytes;
    }

    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }

private:
    void change(Bytes& bytes, const Bytes& other) {
        if (bytes.empty()) return bytes.push_back(static_cast<std::byte>(below(256)));
        const std::size_t at = below(bytes.size());
        const auto here = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        switch (below(6)) {
            case 0:  // flip a bit
                bytes[at] ^= static_cast<std::byte>(1u << below(8));
                break;
            case 1:  // another byte
                bytes[at] = static_cast<std::byte>(below(256));
                break;
            case 2:  // a huge, negative or slightly wrong classic length
                for (std::size_t i = at; i < std::min(at + 4, bytes.size()); ++i) {
                    bytes[i] = below(2) == 0 ? std::byte{0xff} : static_cast<std::byte>(below(4));
                }
                break;
            case 3: {  // a huge compact length
                constexpr std::byte varint[] = {std::byte{0xff}, std::byte{0xff}, std::byte{0xff},
                                                std::byte{0xff}, std::byte{0x0f}};
                bytes.insert(here, std::begin(varint) + below(4), std::end(varint));
                break;
            }
            case 4:  // cut something out
                bytes.erase(here, here + static_cast<std::ptrdiff_t>(below(bytes.size() - at) + 1));
                break;
            default: {  // go on as another message of the same kind
                bytes.resize(at);
                const auto from = other.begin() + static_cast<std::ptrdiff_t>(below(other.size()));
                bytes.insert(bytes.end(), from, other.end());
                break;
            }
        }
    }

    std::mt19937 random_;
};

TEST_F(WireVectors, AMillionMutationsGiveAValueOrAnError) {
    Mutator mutator(20'260'513);
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < mutations_in_all; ++i) {
        const std::size_t index = i % vectors.size();
        const WireVector& vector = vectors[index];
        const WireVector& neighbour = vectors[(index + mutator.below(3)) % vectors.size()];
        const Bytes damaged = mutator.mutate(vector.bytes, neighbour.bytes);
        const EveryMessage& message = message_of(vector);
        const AllocationCount heap;
        {
            Reader in(damaged);
            if (message.decode(in, vector.version) != DecodeError::none) {
                ASSERT_LE(heap.peak_bytes(),
                          Reader::budget_for(damaged.size()) + allocation_constant);
                continue;
            }
        }
        ASSERT_LE(heap.peak_bytes(), Reader::budget_for(damaged.size()) + allocation_constant);
        ++accepted;
        // What was accepted has one form: encoding, decoding and encoding again changes nothing.
        const RoundTrip first = message.round_trip(damaged, vector.version);
        const RoundTrip second = message.round_trip(first.again, vector.version);
        ASSERT_EQ(describe(second.error), describe(DecodeError::none))
            << describe_vector(vector) << "\n" << hex(damaged) << "\n" << hex(first.again);
        ASSERT_EQ(second.left_over, 0u) << describe_vector(vector) << "\n" << hex(damaged);
        ASSERT_TRUE(first.again == second.again)
            << describe_vector(vector) << "\n" << hex(damaged) << "\n" << hex(first.again);
    }
    EXPECT_GT(accepted, mutations_in_all / 20);  // the mutator is not too rough to find anything
}

// A count that is as large as the rest of the input allows, at every place of a message, followed by
// the smallest elements. What the decoder then holds must be paid for by its budget.
TEST_F(WireVectors, MemoryStaysWithinTheBudgetForTheWorstCounts) {
    constexpr std::size_t input_size = 4096;
    constexpr std::size_t budget = 4 * input_size;
    constexpr std::size_t prefix_max = 120;
    std::set<std::pair<std::string_view, MessageVersion>> done;
    double worst = 0;
    std::string worst_name;
    for (auto vector = vectors.rbegin(); vector != vectors.rend(); ++vector) {
        const EveryMessage& message = message_of(*vector);
        if (vector->version != message.version_max && vector->version != message.version_min) continue;
        if (!done.emplace(vector->message, vector->version).second) continue;
        for (std::size_t at = 0; at < std::min(prefix_max, vector->bytes.size()); ++at) {
            for (const std::size_t part : {2u, 6u, 24u, 60u}) {
                for (const int filler : {0, 1, 2}) {
                    for (const bool flexible : {false, true}) {
                        Writer attack;
                        attack.raw(BytesView(vector->bytes).first(at));
                        attack.count(input_size / part, flexible);
                        Bytes input = attack.take();
                        input.resize(input.size() + input_size, static_cast<std::byte>(filler));
                        const AllocationCount heap;
                        {
                            Reader in(input, budget);
                            message.decode(in, vector->version);
                        }
                        const double use = static_cast<double>(heap.peak_bytes()) / budget;
                        if (use > worst) {
                            worst = use;
                            worst_name = describe_vector(*vector) + " at " + std::to_string(at);
                        }
                    }
                }
            }
        }
    }
    RecordProperty("worst", std::to_string(worst) + " " + worst_name);
    EXPECT_LE(worst, 1.0 + static_cast<double>(allocation_constant) / budget) << worst_name;
}

}  // namespace
}  // namespace mamba::protocol::testing
