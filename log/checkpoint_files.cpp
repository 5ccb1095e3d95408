#include "log/checkpoint_files.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "log/checkpoint_text.h"
#include "log/java_properties.h"

namespace mamba::log {
namespace {

std::unexpected<Error> corrupt(std::string_view file, std::string_view reason) {
    std::string message(file);
    message += ": ";
    message += reason;
    return std::unexpected(Error{.kind = ErrorKind::corrupt, .message = std::move(message)});
}

// "topic partition offset", one blank apart.
bool parse_entry(std::string_view line, CheckpointEntry& entry) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == 0 || last == first) return false;
    entry.partition.topic = line.substr(0, first);
    return parse_decimal(line.substr(first + 1, last - first - 1),
                         entry.partition.partition.value) &&
           parse_decimal(line.substr(last + 1), entry.offset.value) &&
           entry.partition.partition.value >= 0 && entry.offset.value >= 0;
}

// Reads one flat JSON object of names and whole numbers: all that the clean shutdown file holds.
class FlatObject {
public:
    explicit FlatObject(std::string_view text) : rest_(text) {}

    // Calls `member(name, number)` for each; false when the text is anything else.
    template <class Member>
    bool read(Member member) {
        if (!take('{')) return false;
        if (take('}')) return at_end();
        do {
            std::string_view name;
            std::int64_t number = 0;
            if (!take_name(name) || !take(':') || !take_number(number)) return false;
            member(name, number);
        } while (take(','));
        return take('}') && at_end();
    }

private:
    void skip_space() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    }
    bool at_end() {
        skip_space();
        return rest_.empty();
    }
    bool take(char c) {
        skip_space();
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take_name(std::string_view& name) {
        if (!take('"')) return false;
        const std::size_t end = rest_.find('"');
        if (end == std::string_view::npos) return false;
        name = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return true;
    }
    bool take_number(std::int64_t& number) {
        skip_space();
        const std::size_t length = std::min(rest_.find_first_not_of("-0123456789"), rest_.size());
        if (!parse_decimal(rest_.substr(0, length), number)) return false;
        rest_.remove_prefix(length);
        return true;
    }

    std::string_view rest_;
};

}  // namespace

std::string format_offset_checkpoint(std::span<const CheckpointEntry> entries) {
    std::string text = "0\n" + std::to_string(entries.size()) + '\n';
    for (const CheckpointEntry& entry : entries) {
        text += entry.partition.topic;
        text += ' ';
        text += std::to_string(entry.partition.partition.value);
        text += ' ';
        text += std::to_string(entry.offset.value);
        text += '\n';
    }
    return text;
}

std::expected<std::vector<CheckpointEntry>, Error> parse_offset_checkpoint(std::string_view text) {
    std::vector<CheckpointEntry> entries;
    CheckpointLines lines(text, "offset checkpoint");
    while (const auto line = lines.next()) {
        CheckpointEntry entry;
        if (!parse_entry(*line, entry)) {
            return std::unexpected(lines.corrupt("expected a topic, a partition and an offset"));
        }
        entries.push_back(std::move(entry));
    }
    if (lines.error()) return std::unexpected(*lines.error());
    return entries;
}

std::string format_meta_properties(const MetaProperties& properties) {
    std::string text = format_java_property("version", "1");
    text += format_java_property("node.id", std::to_string(properties.node_id.value));
    text += format_java_property("cluster.id", properties.cluster_id);
    if (properties.directory_id) {
        text += format_java_property("directory.id", properties.directory_id->to_string());
    }
    return text;
}

std::expected<MetaProperties, Error> parse_meta_properties(std::string_view text) {
    const auto lines = parse_java_properties(text);
    if (!lines) return std::unexpected(lines.error());
    const std::string* version = find_property(*lines, "version");
    const std::string* node_id = find_property(*lines, "node.id");
    const std::string* cluster_id = find_property(*lines, "cluster.id");
    const std::string* directory_id = find_property(*lines, "directory.id");

    MetaProperties properties;
    if (version == nullptr || *version != "1") {
        return corrupt(meta_properties_file, "expected version=1");
    }
    if (node_id == nullptr || !parse_decimal(*node_id, properties.node_id.value) ||
        properties.node_id.value < 0) {
        return corrupt(meta_properties_file, "expected node.id, a number from 0 on");
    }
    if (cluster_id == nullptr || cluster_id->empty()) {
        return corrupt(meta_properties_file, "expected cluster.id");
    }
    properties.cluster_id = *cluster_id;
    if (directory_id != nullptr && !Uuid::parse(*directory_id, properties.directory_id.emplace())) {
        return corrupt(meta_properties_file, "directory.id is not an id");
    }
    return properties;
}

std::string format_partition_metadata(const Uuid& topic_id) {
    return "version: 0\ntopic_id: " + topic_id.to_string();
}

std::expected<Uuid, Error> parse_partition_metadata(std::string_view text) {
    constexpr std::string_view id_prefix = "topic_id: ";
    TextLines lines(text);
    const auto version = lines.next();
    if (!version || *version != "version: 0") {
        return std::unexpected(corrupt_line(partition_metadata_file, 1, "expected \"version: 0\""));
    }
    const auto line = lines.next();
    Uuid id;
    if (!line || !line->starts_with(id_prefix) ||
        !Uuid::parse(line->substr(id_prefix.size()), id) || id.is_zero() || lines.next()) {
        return std::unexpected(
            corrupt_line(partition_metadata_file, 2, "expected \"topic_id: \" and an id"));
    }
    return id;
}

std::string format_clean_shutdown(std::int64_t broker_epoch) {
    return "{\"version\":0,\"brokerEpoch\":" + std::to_string(broker_epoch) + '}';
}

std::expected<std::int64_t, Error> parse_clean_shutdown(std::string_view text) {
    if (text.empty()) return -1;
    std::optional<std::int64_t> version;
    std::optional<std::int64_t> broker_epoch;
    const bool whole = FlatObject(text).read([&](std::string_view name, std::int64_t number) {
        if (name == "version") version = number;
        if (name == "brokerEpoch") broker_epoch = number;
    });
    if (!whole || version != 0 || !broker_epoch) {
        return corrupt(clean_shutdown_file, "expected version 0 and a broker epoch");
    }
    return *broker_epoch;
}

}  // namespace mamba::log
