#include "tools/mambactl/consume.h"

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <cstdio>

#include "protocol/messages/fetch.h"
#include "protocol/record.h"
#include "protocol/record_batch.h"
#include "tools/client/coordinator_wait.h"
#include "tools/client/offsets.h"
#include "tools/mambactl/committed_offsets.h"
#include "tools/mambactl/table.h"

namespace mamba::ctl {
namespace {

constexpr protocol::MessageVersion names_until = 12;  // later versions know topics by id
constexpr std::int32_t max_wait_ms = 500;
constexpr std::int32_t answer_bytes_max = 16 << 20;
constexpr std::int32_t partition_bytes_max = 1 << 20;
constexpr std::size_t batch_bytes_max = 256 << 20;  // decompressed

volatile std::sig_atomic_t is_interrupted = 0;

std::optional<std::int64_t> parse_number(std::string_view text) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string json_or_null(const std::optional<BytesView>& bytes) {
    return bytes ? json_string(as_text(*bytes)) : "null";
}

class Consumer {
public:
    Consumer(Session& session, const ConsumeOptions& options)
        : session_(session), options_(options) {}

    Outcome run() {
        if (Outcome placed = find_places(); !placed) return placed;
        std::signal(SIGINT, [](int) { is_interrupted = 1; });
        std::signal(SIGTERM, [](int) { is_interrupted = 1; });
        while (!is_done()) {
            for (const auto& [leader, partitions] : leaders_) {
                if (is_done()) break;
                if (Outcome fetched = fetch(leader, partitions); !fetched) return fetched;
            }
            std::fflush(stdout);
        }
        return commit();
    }

private:
    struct Place {
        Offset next;
        Offset end;  // when this program started
    };

    bool is_done() const {
        if (is_interrupted != 0) return true;
        if (options_.max_messages && printed_ >= *options_.max_messages) return true;
        return options_.exit_at_end && std::ranges::all_of(places_, [](const auto& entry) {
                   return entry.second.next >= entry.second.end;
               });
    }

    // Where each partition is read from, and who leads it.
    Outcome find_places() {
        const auto topic = session_.cluster.topic(options_.topic);
        if (!topic) return std::unexpected(topic.error());
        const auto ends =
            list_offsets(session_.cluster, options_.topic, client::offset_time::latest);
        if (!ends) return std::unexpected(ends.error());
        const auto starts = start_offsets(*ends);
        if (!starts) return std::unexpected(starts.error());
        for (const auto& partition : topic->partitions) {
            const PartitionIndex index(partition.partition_index);
            const auto& wanted = options_.partitions;
            if (!wanted.empty() && std::ranges::find(wanted, index.value) == wanted.end()) continue;
            const Offset start = starts->at(index);
            places_[index] = {start.value < 0 ? ends->at(index) : start, ends->at(index)};
            leaders_[BrokerId(partition.leader_id)].push_back(index);
        }
        if (places_.empty()) return usage("topic " + options_.topic + " has no such partition");
        if (!options_.group) return {};

        const auto committed = client::with_coordinator([&]() -> std::expected<Committed, Error> {
            const auto coordinator = session_.cluster.group_coordinator(*options_.group);
            if (!coordinator) return std::unexpected(coordinator.error());
            return committed_offsets(**coordinator, *options_.group);
        });
        if (!committed) return std::unexpected(committed.error());
        for (auto& [partition, place] : places_) {
            const auto found = committed->find({options_.topic, partition});
            if (found != committed->end()) place.next = found->second;
        }
        return {};
    }

    std::expected<client::PartitionOffsets, Error> start_offsets(
        const client::PartitionOffsets& ends) {
        if (options_.from == "end") return ends;
        std::int64_t time = client::offset_time::earliest;
        if (options_.from != "beginning") {
            const bool is_time = options_.from.starts_with('@');
            const auto number =
                parse_number(std::string_view(options_.from).substr(is_time ? 1 : 0));
            if (!number || *number < 0) {
                return usage(fmt::format("'{}' is none of beginning, end, an offset, @milliseconds",
                                         options_.from));
            }
            if (!is_time) {
                client::PartitionOffsets offsets = ends;
                for (auto& [partition, offset] : offsets) offset = Offset(*number);
                return offsets;
            }
            time = *number;
        }
        return list_offsets(session_.cluster, options_.topic, time);
    }

    Outcome fetch(BrokerId leader, const std::vector<PartitionIndex>& partitions) {
        protocol::FetchRequest request;
        request.max_wait_ms = max_wait_ms;
        request.min_bytes = 1;
        request.max_bytes = answer_bytes_max;
        auto& topic = request.topics.emplace_back();
        topic.topic = options_.topic;
        for (const PartitionIndex partition : partitions) {
            auto& wanted = topic.partitions.emplace_back();
            wanted.partition = partition.value;
            wanted.fetch_offset = places_[partition].next.value;
            wanted.partition_max_bytes = partition_bytes_max;
        }
        const auto connection = session_.cluster.broker(leader);
        if (!connection) return std::unexpected(connection.error());
        const auto answer = (*connection)->call<protocol::FetchResponse>(request, names_until);
        if (!answer) return std::unexpected(answer.error());
        Outcome checked = check("fetch", answer->error_code);
        for (const auto& answered : answer->responses) {
            for (const auto& data : answered.partitions) {
                if (checked) {
                    checked =
                        check(fmt::format("fetch {}-{}", options_.topic, data.partition_index),
                              data.error_code);
                }
                if (checked)
                    checked = on_records(PartitionIndex(data.partition_index), data.records.bytes);
            }
        }
        return checked;
    }

    Outcome on_records(PartitionIndex partition, BytesView bytes) {
        protocol::BatchCursor cursor(bytes);
        auto batch = cursor.next();
        for (; batch && !is_done(); batch = cursor.next()) {
            if (!batch->crc_matches() || !batch->has_known_codec()) {
                return std::unexpected(Error{
                    Failure::malformed,
                    fmt::format("the batch at offset {} of {}-{} is corrupt",
                                batch->base_offset().value, options_.topic, partition.value)});
            }
            if (!batch->is_control()) {
                if (Outcome shown = on_batch(partition, *batch); !shown) return shown;
                if (is_done()) return {};
            }
            Offset& next = places_[partition].next;
            next = std::max(next, batch->next_offset());
        }
        return {};
    }

    Outcome on_batch(PartitionIndex partition, const protocol::RecordBatchView& batch) {
        const auto plain = compression_.decompress(batch.codec(), batch.records(), batch_bytes_max);
        const auto corrupt = [&] {
            return std::unexpected(
                Error{Failure::malformed,
                      fmt::format("the records at offset {} of {}-{} cannot be read",
                                  batch.base_offset().value, options_.topic, partition.value)});
        };
        if (!plain) return corrupt();
        protocol::RecordReader reader(*plain, batch.record_count());
        auto record = reader.next();
        for (; record && !is_done(); record = reader.next()) {
            const Offset offset = batch.base_offset() + record->offset_delta;
            Offset& next = places_[partition].next;
            if (offset < next) continue;  // the batch began before what was asked for
            show(partition, offset, batch.timestamp_of(record->timestamp_delta), *record);
            next = offset + 1;
            ++printed_;
        }
        if (!record && record.error() != protocol::RecordError::end) return corrupt();
        return {};
    }

    void show(PartitionIndex partition, Offset offset, Timestamp timestamp,
              const protocol::Record& record) const {
        std::string line;
        if (session_.as_json) {
            std::string headers;
            for (const protocol::RecordHeader header : record.headers) {
                headers +=
                    fmt::format("{}{{\"key\": {}, \"value\": {}}}", headers.empty() ? "" : ", ",
                                json_string(header.key), json_or_null(header.value));
            }
            line = fmt::format(
                R"({{"topic": {}, "partition": {}, "offset": {}, "timestamp": {}, "key": {}, )"
                R"("value": {}, "headers": [{}]}})",
                json_string(options_.topic), partition.value, offset.value, timestamp.value,
                json_or_null(record.key), json_or_null(record.value), headers);
        } else {
            if (options_.shows_keys) {
                line += as_text(record.key.value_or(BytesView()));
                line += options_.key_separator;
            }
            line += as_text(record.value.value_or(BytesView()));
        }
        line += '\n';
        std::fwrite(line.data(), 1, line.size(), stdout);
    }

    Outcome commit() {
        if (!options_.group) return {};
        Committed offsets;
        for (const auto& [partition, place] : places_) {
            offsets[{options_.topic, partition}] = place.next;
        }
        return client::with_coordinator([&]() -> Outcome {
            const auto coordinator = session_.cluster.group_coordinator(*options_.group);
            if (!coordinator) return std::unexpected(coordinator.error());
            return commit_offsets(**coordinator, *options_.group, offsets);
        });
    }

    Session& session_;
    const ConsumeOptions& options_;
    std::map<PartitionIndex, Place> places_;
    std::map<BrokerId, std::vector<PartitionIndex>> leaders_;
    protocol::Compression compression_;
    std::uint64_t printed_ = 0;
};

}  // namespace

Outcome consume(Session& session, const ConsumeOptions& options) {
    return Consumer(session, options).run();
}

}  // namespace mamba::ctl
