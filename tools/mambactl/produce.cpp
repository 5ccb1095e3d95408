#include "tools/mambactl/produce.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <map>

#include "protocol/messages/produce.h"
#include "protocol/partitioner.h"
#include "protocol/record_batch_builder.h"

namespace mamba::ctl {
namespace {

constexpr protocol::MessageVersion names_until = 12;  // later versions know topics by id
constexpr std::size_t batch_bytes_max = 256 << 10;
constexpr std::int32_t timeout_ms = 30'000;
constexpr std::uint64_t progress_step = 100'000;  // records

Timestamp now() {
    return Timestamp(std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count());
}

class LineProducer {
public:
    LineProducer(Session& session, const ProduceOptions& options,
                 std::vector<protocol::RecordHeader> headers)
        : session_(session), options_(options), headers_(std::move(headers)) {}

    Outcome find_leaders() {
        const auto topic = session_.cluster.topic(options_.topic);
        if (!topic) return std::unexpected(topic.error());
        for (const auto& partition : topic->partitions) {
            leaders_[PartitionIndex(partition.partition_index)] = BrokerId(partition.leader_id);
        }
        if (leaders_.empty()) return usage("topic " + options_.topic + " has no partitions");
        if (options_.partition && !leaders_.contains(PartitionIndex(*options_.partition))) {
            return usage(
                fmt::format("topic {} has no partition {}", options_.topic, *options_.partition));
        }
        return {};
    }

    Outcome on_line(std::string_view line) {
        std::optional<BytesView> key;
        std::string_view value = line;
        if (options_.key_separator) {
            const std::size_t at = line.find(*options_.key_separator);
            if (at == line.npos) {
                return usage(fmt::format("line {} has no '{}' behind a key", records_ + 1,
                                         *options_.key_separator));
            }
            key = as_bytes(line.substr(0, at));
            value = line.substr(at + options_.key_separator->size());
        }
        const PartitionIndex partition = choose(key);
        const auto [batch, is_new] =
            batches_.try_emplace(partition, protocol::BatchOptions{.codec = options_.codec});
        batch->second.append(now(), key, as_bytes(value), headers_);
        ++records_;
        if (batch->second.uncompressed_size() < batch_bytes_max) return {};
        return send(partition);
    }

    Outcome finish() {
        while (!batches_.empty()) {
            if (Outcome sent = send(batches_.begin()->first); !sent) return sent;
        }
        return {};
    }

    std::uint64_t records() const { return records_; }

private:
    PartitionIndex choose(std::optional<BytesView> key) {
        if (options_.partition) return PartitionIndex(*options_.partition);
        const auto count = static_cast<std::int32_t>(leaders_.size());
        if (key) return protocol::partition_of(*key, count);
        return PartitionIndex(sticky_ % count);
    }

    Outcome send(PartitionIndex partition) {
        const auto batch = batches_.extract(partition);
        const Bytes bytes = batch.mapped().build(compression_);
        ++sticky_;  // records without a key go on in the next partition
        protocol::ProduceRequest request;
        request.acks = static_cast<std::int16_t>(options_.acks);
        request.timeout_ms = timeout_ms;
        auto& topic = request.topic_data.emplace_back();
        topic.name = options_.topic;
        auto& data = topic.partition_data.emplace_back();
        data.index = partition.value;
        data.records = BytesView(bytes);
        const auto leader = session_.cluster.broker(leaders_.at(partition));
        if (!leader) return std::unexpected(leader.error());
        const auto answer = (*leader)->call<protocol::ProduceResponse>(request, names_until);
        if (!answer) return std::unexpected(answer.error());
        for (const auto& answered : answer->responses) {
            for (const auto& result : answered.partition_responses) {
                const Outcome checked =
                    check(fmt::format("produce to {}-{}", options_.topic, result.index),
                          result.error_code, result.error_message);
                if (!checked) return checked;
            }
        }
        return {};
    }

    Session& session_;
    const ProduceOptions& options_;
    std::vector<protocol::RecordHeader> headers_;
    std::map<PartitionIndex, BrokerId> leaders_;
    std::map<PartitionIndex, protocol::RecordBatchBuilder> batches_;
    protocol::Compression compression_;
    std::uint64_t records_ = 0;
    std::int32_t sticky_ = 0;
};

}  // namespace

Outcome produce(Session& session, const ProduceOptions& options, std::istream& input) {
    std::vector<protocol::RecordHeader> headers;
    for (const std::string& text : options.headers) {
        const auto setting = parse_setting(text);
        if (!setting) return std::unexpected(setting.error());
        headers.push_back({setting->first, as_bytes(setting->second)});
    }
    LineProducer producer(session, options, std::move(headers));
    if (Outcome found = producer.find_leaders(); !found) return found;
    const bool shows_progress = isatty(STDERR_FILENO) != 0;
    std::string line;
    while (std::getline(input, line)) {
        if (Outcome taken = producer.on_line(line); !taken) return taken;
        if (shows_progress && producer.records() % progress_step == 0) {
            fmt::print(stderr, "\r{} records", producer.records());
        }
    }
    if (Outcome sent = producer.finish(); !sent) return sent;
    fmt::print(stderr, "{}{} records\n", shows_progress ? "\r" : "", producer.records());
    return {};
}

}  // namespace mamba::ctl
