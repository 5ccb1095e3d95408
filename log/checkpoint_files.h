// The small text files beside the segments: formatted to, and parsed from, the texts that Kafka 4.3
// writes. Pure: who reads and writes the files (aside, flushed, renamed) is in log_dir. The parsers
// are total: any text gives a value or the error `corrupt`, which names the line.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "log/error.h"
#include "protocol/types.h"

namespace mamba::log {

// In each log dir, one line a partition: how far it is flushed, where it starts, how far it is
// committed.
inline constexpr std::string_view recovery_point_file = "recovery-point-offset-checkpoint";
inline constexpr std::string_view log_start_offset_file = "log-start-offset-checkpoint";
inline constexpr std::string_view high_watermark_file = "replication-offset-checkpoint";
inline constexpr std::string_view meta_properties_file = "meta.properties";
inline constexpr std::string_view clean_shutdown_file = ".kafka_cleanshutdown";
// In each partition's folder.
inline constexpr std::string_view partition_metadata_file = "partition.metadata";
inline constexpr std::string_view leader_epoch_file = "leader-epoch-checkpoint";

// checkpoint := "0\n" count "\n" count x (topic " " partition " " offset "\n")
struct CheckpointEntry {
    TopicPartition partition;
    Offset offset;

    friend bool operator==(const CheckpointEntry&, const CheckpointEntry&) = default;
};
std::string format_offset_checkpoint(std::span<const CheckpointEntry> entries);
std::expected<std::vector<CheckpointEntry>, Error> parse_offset_checkpoint(std::string_view text);

// meta.properties, in each log dir: a Java properties file that says whose it is.
struct MetaProperties {
    BrokerId node_id = no_broker;
    std::string cluster_id;
    std::optional<Uuid> directory_id = std::nullopt;  // Kafka before 3.7 wrote none

    friend bool operator==(const MetaProperties&, const MetaProperties&) = default;
};
std::string format_meta_properties(const MetaProperties& properties);
std::expected<MetaProperties, Error> parse_meta_properties(std::string_view text);

// partition.metadata, in each partition's folder: the id of the topic that it belongs to.
std::string format_partition_metadata(const Uuid& topic_id);
std::expected<Uuid, Error> parse_partition_metadata(std::string_view text);

// .kafka_cleanshutdown, in each log dir: written last by an orderly stop, removed first by a start.
// Its being there means a clean stop, whatever it holds. The broker epoch is that of the last
// registration; -1 when there was none, and for the empty file of older versions.
std::string format_clean_shutdown(std::int64_t broker_epoch);
std::expected<std::int64_t, Error> parse_clean_shutdown(std::string_view text);

}  // namespace mamba::log
