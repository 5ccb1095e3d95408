#include "tools/load/prepared_requests.h"

#include <cassert>
#include <numeric>
#include <random>

#include "protocol/messages/produce.h"
#include "protocol/messages/request_header.h"
#include "protocol/record_batch_builder.h"
#include "tools/client/connection.h"

namespace mamba::load {
namespace {

constexpr std::int32_t request_timeout_ms = 30'000;
constexpr std::size_t slots_max = 512;

// Text that codecs shrink to about half, as typical records are.
std::string record_text(std::mt19937& random, int bytes) {
    constexpr std::string_view alphabet = "abcdefghijklmnop";
    std::string text(static_cast<std::size_t>(bytes), ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    return text;
}

Bytes make_batch(const ProducePlan& plan, const PreparedRequests::Producer& producer, Timestamp now,
                 std::mt19937& random) {
    protocol::BatchOptions options;
    options.codec = plan.codec;
    if (plan.idempotent) {
        options.producer_id = producer.id;
        options.producer_epoch = producer.epoch;
        options.base_sequence = 0;
    }
    protocol::RecordBatchBuilder builder(options);
    for (int i = 0; i < plan.records_per_batch; ++i) {
        const std::string key = record_text(random, plan.key_bytes);
        std::optional<BytesView> key_view;
        if (plan.key_bytes > 0) key_view = as_bytes(key);
        const std::string value = record_text(random, plan.record_bytes);
        builder.append(now, key_view, as_bytes(value));
    }
    return builder.build();
}

// Enough that every partition has its turn and no slot is sent again before its answer came.
std::size_t slot_count(const ProducePlan& plan) {
    const auto partitions = static_cast<std::size_t>(plan.partitions);
    const auto rounds =
        std::lcm(partitions, static_cast<std::size_t>(plan.partitions_per_request)) /
        static_cast<std::size_t>(plan.partitions_per_request);
    const auto in_flight = static_cast<std::size_t>(plan.in_flight);
    return std::max(in_flight, std::min(rounds * ((in_flight + rounds - 1) / rounds), slots_max));
}

}  // namespace

PreparedRequests::PreparedRequests(const ProducePlan& plan, protocol::MessageVersion version,
                                   int connection, Producer producer, Timestamp now)
    : is_idempotent_(plan.idempotent),
      records_per_batch_(plan.records_per_batch),
      next_sequence_(static_cast<std::size_t>(plan.partitions)) {
    std::mt19937 random(static_cast<std::uint32_t>(connection));
    // Batches of one connection are alike; how many records they hold is what costs.
    const Bytes batch = make_batch(plan, producer, now, random);
    patches_.emplace(batch.size(), SequencePatch(batch.size()));
    std::size_t partition = static_cast<std::size_t>(connection) % next_sequence_.size();
    slots_.resize(slot_count(plan));
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
        protocol::ProduceRequest request;
        request.acks = static_cast<std::int16_t>(plan.acks);
        request.timeout_ms = request_timeout_ms;
        auto& topic = request.topic_data.emplace_back();
        topic.name = plan.topic;
        std::vector<std::size_t> partitions;
        for (int i = 0; i < plan.partitions_per_request; ++i) {
            auto& data = topic.partition_data.emplace_back();
            data.index = static_cast<std::int32_t>(partition);
            data.records = BytesView(batch);
            partitions.push_back(partition);
            partition = (partition + 1) % next_sequence_.size();
        }
        protocol::Writer body(batch.size() + 256);
        request.encode(body, version);
        const Bytes frame =
            client::request_frame(protocol::ProduceRequest::api_key, version,
                                  static_cast<std::int32_t>(slot), "mambamq-bench", body.view());
        slots_[slot].begin = memory_.size();
        slots_[slot].size = frame.size();
        memory_.insert(memory_.end(), frame.begin(), frame.end());

        // Decoding what was encoded tells where the batches lie.
        const BytesView placed = BytesView(memory_).last(body.size());
        protocol::Reader reader(placed);
        protocol::ProduceRequest decoded;
        decoded.decode(reader, version);
        assert(reader.ok());
        for (std::size_t i = 0; i < partitions.size(); ++i) {
            const BytesView records = *decoded.topic_data[0].partition_data[i].records;
            slots_[slot].batches.push_back(
                {static_cast<std::size_t>(records.data() - memory_.data()), records.size(),
                 partitions[i]});
            slots_[slot].batch_bytes += records.size();
        }
    }
}

void PreparedRequests::prepare(std::size_t slot) {
    if (!is_idempotent_) return;
    for (const Batch& batch : slots_[slot].batches) {
        std::int32_t& sequence = next_sequence_[batch.partition];
        patches_.at(batch.size).set(std::span(memory_).subspan(batch.begin, batch.size), sequence);
        // Sequences wrap to 0, as the Java client has it.
        sequence = static_cast<std::int32_t>((std::int64_t{sequence} + records_per_batch_) &
                                             std::numeric_limits<std::int32_t>::max());
    }
}

std::expected<ProduceAnswer, protocol::DecodeError> skim_produce_answer(BytesView bytes) {
    constexpr bool is_flexible = true;
    protocol::Reader in(bytes);
    protocol::UnknownTags tags;
    const auto skip_tags = [&] {
        in.tagged_fields(tags, [](std::uint32_t, protocol::Reader& field) {
            field.raw(field.remaining());
            return true;
        });
    };
    ProduceAnswer answer;
    answer.correlation_id = in.int32();
    skip_tags();
    for (std::uint32_t topics = in.count(is_flexible, 3, 0); topics > 0 && in.ok(); --topics) {
        in.string(is_flexible);
        for (std::uint32_t left = in.count(is_flexible, 33, 0); left > 0 && in.ok(); --left) {
            in.int32();  // the partition
            const auto error = static_cast<ErrorCode>(in.int16());
            if (answer.error == ErrorCode::none) answer.error = error;
            in.raw(3 * sizeof(std::int64_t));  // base offset, append time, log start offset
            for (std::uint32_t errors = in.count(is_flexible, 6, 0); errors > 0 && in.ok();
                 --errors) {
                in.int32();
                in.nullable_string(is_flexible);
                skip_tags();
            }
            in.nullable_string(is_flexible);
            skip_tags();
        }
        skip_tags();
    }
    if (!in.ok()) return std::unexpected(in.error());
    return answer;
}

}  // namespace mamba::load
