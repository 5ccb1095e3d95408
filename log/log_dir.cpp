#include "log/log_dir.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "log/segment_files.h"

namespace mamba::log {

namespace {

constexpr std::string_view lock_file = ".lock";
constexpr std::string_view metadata_log = "__cluster_metadata";
constexpr std::string_view delete_suffix = "-delete";
constexpr std::string_view future_suffix = "-future";
constexpr std::string_view stray_suffix = "-stray";
constexpr std::size_t unique_digits = 32;
constexpr std::size_t small_file_bytes_max = 64UL * 1024 * 1024;

// Kafka cuts such names to what a file system takes.
constexpr std::size_t directory_name_bytes_max = 255;

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

std::string hex(const Uuid& id) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::byte b : id.bytes) {
        text += digits[std::to_integer<std::size_t>(b >> 4)];
        text += digits[std::to_integer<std::size_t>(b & std::byte{0x0f})];
    }
    return text;
}

// "topic-N.<32 hex digits><suffix>"
bool is_marked(std::string_view name, std::string_view suffix) {
    if (!name.ends_with(suffix)) return false;
    name.remove_suffix(suffix.size());
    if (name.size() < unique_digits + 1 || name[name.size() - unique_digits - 1] != '.')
        return false;
    return std::all_of(name.end() - unique_digits, name.end(), is_hex);
}

}  // namespace

std::optional<TopicPartition> parse_partition_directory(std::string_view name) {
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos || dash == 0 || dash + 1 == name.size()) return std::nullopt;
    const std::string_view digits = name.substr(dash + 1);
    std::int32_t number = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || stop != digits.data() + digits.size() || digits.front() == '-')
        return std::nullopt;
    if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
    return TopicPartition{std::string(name.substr(0, dash)), PartitionIndex(number)};
}

std::string LogDir::file(std::string_view name) const {
    return path_ + "/" + std::string(name);
}

std::expected<std::unique_ptr<LogDir>, Error> LogDir::open(Storage& storage, std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    std::unique_ptr<LogDir> dir(new LogDir(storage, std::move(path)));
    if (auto loaded = dir->load(); !loaded) return std::unexpected(std::move(loaded.error()));
    return dir;
}

// Makes the folder and those above it that are not there, each so that it survives a power cut.
std::expected<void, Error> LogDir::make_durable_directory(const std::string& path) {
    if (storage_.exists(path)) return {};
    const std::string parent = parent_directory(path);
    if (parent != path) {
        if (auto made = make_durable_directory(parent); !made) return made;
    }
    if (auto made = storage_.make_directory(path); !made) return made;
    return storage_.flush_directory(parent);
}

std::expected<void, Error> LogDir::load() {
    if (auto made = make_durable_directory(path_); !made) return made;
    auto lock = storage_.lock(file(lock_file));
    if (!lock) return std::unexpected(std::move(lock.error()));
    lock_ = std::move(*lock);

    const auto meta = read_file(storage_, file(meta_properties_file), small_file_bytes_max);
    if (!meta && meta.error().kind != ErrorKind::not_found) return std::unexpected(meta.error());
    if (meta) {
        auto parsed = parse_meta_properties(as_text(*meta));
        if (!parsed) {
            parsed.error().message = file(meta_properties_file) + ": " + parsed.error().message;
            return std::unexpected(std::move(parsed.error()));
        }
        meta_ = std::move(*parsed);
    }

    const auto marker = read_file(storage_, file(clean_shutdown_file), small_file_bytes_max);
    if (!marker && marker.error().kind != ErrorKind::not_found)
        return std::unexpected(marker.error());
    if (marker) {
        // An empty or odd one still says that the stop was orderly: it is made last, and whole.
        clean_epoch_ = parse_clean_shutdown(as_text(*marker)).value_or(-1);
        if (auto removed = storage_.remove(file(clean_shutdown_file)); !removed) return removed;
        if (auto flushed = storage_.flush_directory(path_); !flushed) return flushed;
    }

    for (const auto& [name, offsets] : {std::pair{recovery_point_file, &recovery_points_},
                                        std::pair{log_start_offset_file, &log_start_offsets_},
                                        std::pair{high_watermark_file, &high_watermarks_}}) {
        auto loaded = load_checkpoint(name);
        if (!loaded) return std::unexpected(std::move(loaded.error()));
        *offsets = std::move(*loaded);
    }
    return load_partitions();
}

std::expected<LogDir::Offsets, Error> LogDir::load_checkpoint(std::string_view name) {
    Offsets offsets;
    const auto bytes = read_file(storage_, file(name), small_file_bytes_max);
    if (!bytes) {
        if (bytes.error().kind == ErrorKind::not_found) return offsets;
        return std::unexpected(bytes.error());
    }
    const auto entries = parse_offset_checkpoint(as_text(*bytes));
    if (!entries) {
        // Without it more is read and verified, which is safe; an orderly stop proves nothing then.
        warnings_.push_back(file(name) + " is damaged and passed over: " + entries.error().message);
        if (name == recovery_point_file) clean_epoch_.reset();
        return offsets;
    }
    for (const CheckpointEntry& entry : *entries) offsets[entry.partition] = entry.offset;
    return offsets;
}

std::expected<void, Error> LogDir::load_partitions() {
    const auto entries = storage_.list(path_);
    if (!entries) return std::unexpected(entries.error());
    for (const DirectoryEntry& entry : *entries) {
        if (!entry.is_directory) {
            if (!entry.name.ends_with(suffix::temporary)) continue;
            if (auto removed = storage_.remove(file(entry.name)); !removed) return removed;
            continue;
        }
        if (is_marked(entry.name, delete_suffix)) {
            if (auto removed = storage_.remove_directory(file(entry.name)); !removed)
                return removed;
            continue;
        }
        if (is_marked(entry.name, future_suffix) || is_marked(entry.name, stray_suffix)) continue;
        auto partition = parse_partition_directory(entry.name);
        if (!partition || partition->topic == metadata_log) continue;
        Found found{std::move(*partition), file(entry.name), std::nullopt};
        const auto metadata =
            read_file(storage_, found.directory + "/" + std::string(partition_metadata_file),
                      small_file_bytes_max);
        if (metadata) {
            if (const auto id = parse_partition_metadata(as_text(*metadata))) {
                found.topic_id = *id;
            } else {
                warnings_.push_back(found.directory + ": " + id.error().message);
            }
        } else if (metadata.error().kind != ErrorKind::not_found) {
            return std::unexpected(metadata.error());
        }
        found_.push_back(std::move(found));
    }
    std::sort(found_.begin(), found_.end(),
              [](const Found& a, const Found& b) { return a.partition < b.partition; });
    return {};
}

std::expected<std::unique_ptr<PartitionLog>, Error> LogDir::open_log(
    const TopicPartition& partition, const LogConfig& config, std::optional<Uuid> topic_id,
    Timestamp now, const std::function<void(const RecoveryProgress&)>& progress) {
    if (offline()) return std::unexpected(offline_error());
    PartitionLog::OpenOptions options;
    options.clean_shutdown = was_clean_shutdown();
    options.recovery_point = recovery_point(partition);
    if (const auto at = log_start_offset(partition)) options.log_start_offset = *at;
    options.now = now;
    options.topic_id = topic_id;
    options.progress = progress;
    std::string directory = file(partition.topic + "-" + std::to_string(partition.partition.value));
    if (!storage_.exists(directory)) {
        // A topic made after the start: what the checkpoints say is of one with the same name
        // before it.
        options.recovery_point.reset();
        options.log_start_offset = Offset{0};
    }
    auto log = PartitionLog::open(storage_, std::move(directory), partition, config, options);
    if (!log && log.error().kind == ErrorKind::io) take_offline(log.error());
    return log;
}

std::expected<std::string, Error> LogDir::mark_deleted(const PartitionLog& log,
                                                       const Uuid& unique) {
    if (offline()) return std::unexpected(offline_error());
    const std::string tail = "." + hex(unique) + std::string(delete_suffix);
    std::string name = log.directory().substr(path_.size() + 1);
    name.resize(std::min(name.size(), directory_name_bytes_max - tail.size()));
    std::string marked = file(name + tail);
    auto renamed = storage_.rename(log.directory(), marked);
    if (!renamed) {
        take_offline(renamed.error());
        return std::unexpected(std::move(renamed.error()));
    }
    // Whatever takes its name later begins at 0.
    const std::lock_guard lock(mutex_);
    for (Offsets* offsets : {&recovery_points_, &log_start_offsets_, &high_watermarks_}) {
        offsets->erase(log.partition());
    }
    return marked;
}

std::expected<void, Error> LogDir::flush_deletions() {
    if (offline()) return std::unexpected(offline_error());
    auto flushed = storage_.flush_directory(path_);
    if (!flushed) take_offline(flushed.error());
    return flushed;
}

std::expected<void, Error> LogDir::erase_directory(const std::string& path) {
    if (offline()) return std::unexpected(offline_error());
    return storage_.remove_directory(path);
}

std::optional<Offset> LogDir::find_in(const Offsets& offsets, const TopicPartition& partition) const {
    const std::lock_guard lock(mutex_);
    const auto it = offsets.find(partition);
    return it == offsets.end() ? std::nullopt : std::optional(it->second);
}

std::optional<Offset> LogDir::recovery_point(const TopicPartition& partition) const {
    return find_in(recovery_points_, partition);
}

std::optional<Offset> LogDir::log_start_offset(const TopicPartition& partition) const {
    return find_in(log_start_offsets_, partition);
}

std::optional<Offset> LogDir::high_watermark(const TopicPartition& partition) const {
    return find_in(high_watermarks_, partition);
}

std::expected<void, Error> LogDir::store(std::string_view name, std::string_view text) {
    if (offline()) return std::unexpected(offline_error());
    const std::lock_guard lock(mutex_);
    return replace_file(storage_, file(name), as_bytes(text));
}

std::expected<void, Error> LogDir::store_meta_properties(const MetaProperties& properties) {
    auto stored = store(meta_properties_file, format_meta_properties(properties));
    if (stored) meta_ = properties;
    return stored;
}

std::expected<void, Error> LogDir::store_clean_shutdown(std::int64_t broker_epoch) {
    return store(clean_shutdown_file, format_clean_shutdown(broker_epoch));
}

std::expected<void, Error> LogDir::store_recovery_points(std::span<const CheckpointEntry> entries) {
    return store(recovery_point_file, format_offset_checkpoint(entries));
}

std::expected<void, Error> LogDir::store_log_start_offsets(
    std::span<const CheckpointEntry> entries) {
    return store(log_start_offset_file, format_offset_checkpoint(entries));
}

std::expected<void, Error> LogDir::store_high_watermarks(std::span<const CheckpointEntry> entries) {
    return store(high_watermark_file, format_offset_checkpoint(entries));
}

void LogDir::take_offline(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!first_error_) first_error_ = error;
    offline_.store(true, std::memory_order_release);
}

std::optional<Error> LogDir::first_error() const {
    const std::lock_guard lock(mutex_);
    return first_error_;
}

Error LogDir::offline_error() const {
    const auto first = first_error();
    return {
        .kind = ErrorKind::offline,
        .message = path_ + " is offline" + (first ? " since: " + first->message : std::string())};
}

}  // namespace mamba::log
