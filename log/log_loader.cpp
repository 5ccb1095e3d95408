#include "log/log_loader.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "log/checkpoint_files.h"
#include "log/segment.h"
#include "log/segment_files.h"

namespace mamba::log {

namespace {

constexpr std::size_t recovery_window_bytes = 1024UL * 1024;
constexpr std::size_t small_file_bytes_max = 64UL * 1024 * 1024;

Error corrupt(std::string message) {
    return {.kind = ErrorKind::corrupt, .message = std::move(message)};
}

// "00000000000000000042.log.swap" without its last suffix.
std::string_view without_suffix(std::string_view name) {
    return name.substr(0, name.rfind('.'));
}

std::optional<Offset> offset_of(std::string_view name) {
    for (const std::string_view each :
         {suffix::log, suffix::offset_index, suffix::time_index, suffix::transaction_index}) {
        if (const auto offset = parse_offset_file_name(name, each)) return offset;
    }
    return std::nullopt;
}

}  // namespace

std::expected<void, Error> LogLoader::load() {
    if (!log_.storage_.exists(log_.directory_)) {
        if (auto made = log_.storage_.make_directory(log_.directory_); !made) return made;
    }
    // A process that was killed may have made the folder, or files in it, and flushed neither. A
    // recovery point above zero proves that the folder was flushed.
    log_.is_new_ = options_.recovery_point.value_or(Offset{0}) == Offset{0};
    if (log_.is_new_ || !options_.clean_shutdown) ++log_.directory_version_;
    if (auto listed = list_files(); !listed) return listed;
    if (auto loaded = load_metadata(); !loaded) return loaded;
    if (auto loaded = load_segments(); !loaded) return loaded;
    if (auto loaded = load_epochs(); !loaded) return loaded;
    if (auto dropped = drop_below_log_start(); !dropped) return dropped;
    if (auto recovered = recover_all(); !recovered) return recovered;
    if (auto set = set_log_start(); !set) return set;
    log_.leader_epochs_.truncate_from_end(log_.end_offset_);
    log_.leader_epochs_.truncate_from_start(log_.log_start_offset_);
    auto rebuilt = log_.rebuild_producers(std::move(snapshots_), options_.now);
    // Ten thousand logs at rest must not hold thirty thousand descriptors.
    for (const auto& segment : log_.segments_) segment->release();
    return rebuilt;
}

std::expected<void, Error> LogLoader::store_metadata() {
    auto file = log_.storage_.open(log_.directory_ + "/" + std::string(partition_metadata_file),
                                   Storage::Open::truncate);
    if (!file) return std::unexpected(std::move(file.error()));
    log_.topic_id_ = options_.topic_id;
    log_.is_new_ = true;  // the first flush makes it durable; torn before that, it is written again
    ++log_.directory_version_;
    return (*file)->write(0, as_bytes(format_partition_metadata(*options_.topic_id)));
}

std::expected<void, Error> LogLoader::load_metadata() {
    const std::string path = log_.directory_ + "/" + std::string(partition_metadata_file);
    const auto bytes = read_file(log_.storage_, path, small_file_bytes_max);
    if (!bytes && bytes.error().kind != ErrorKind::not_found) return std::unexpected(bytes.error());
    if (bytes) {
        if (const auto id = parse_partition_metadata(as_text(*bytes))) {
            if (options_.topic_id && *options_.topic_id != *id) {
                return std::unexpected(corrupt(path + " names another topic: " + id->to_string()));
            }
            log_.topic_id_ = *id;
            return {};
        }
    }
    return options_.topic_id ? store_metadata() : std::expected<void, Error>{};
}

// ---- what a crash left half done

std::expected<void, Error> LogLoader::list_files() {
    const auto entries = log_.storage_.list(log_.directory_);
    if (!entries) return std::unexpected(entries.error());
    std::vector<std::string> names;
    for (const DirectoryEntry& entry : *entries) {
        if (entry.is_directory) continue;
        if (entry.name.ends_with(suffix::deleted) || entry.name.ends_with(suffix::temporary)) {
            if (auto removed = log_.storage_.remove(log_.directory_ + "/" + entry.name); !removed)
                return removed;
            continue;
        }
        names.push_back(entry.name);
    }
    std::sort(names.begin(), names.end());
    if (auto finished = finish_swaps(names); !finished) return finished;
    for (const std::string& name : names) {
        if (const auto at = parse_offset_file_name(name, suffix::snapshot))
            snapshots_.push_back(*at);
        if (const auto log = parse_offset_file_name(name, suffix::log)) found_[*log].log = true;
        if (const auto index = parse_offset_file_name(name, suffix::offset_index)) {
            found_[*index].offset_index = true;
        }
        if (const auto index = parse_offset_file_name(name, suffix::time_index))
            found_[*index].time_index = true;
    }
    for (auto it = found_.begin(); it != found_.end();) {
        if (it->second.log) {
            ++it;
            continue;
        }
        // Indexes of no segment.
        for (const std::string_view each : {suffix::offset_index, suffix::time_index}) {
            const std::string path = log_.directory_ + "/" + offset_file_name(it->first, each);
            if (auto removed = log_.storage_.remove(path); !removed) return removed;
        }
        it = found_.erase(it);
    }
    return {};
}

// A `.cleaned` file was being written: it goes, and so do the `.swap` files at or above the lowest
// of them, which belong to the same unfinished replacement. A `.swap` left over is complete: it
// takes the place of the segments that begin within its offsets. Source: the behaviour of Apache
// Kafka 4.3.
std::expected<void, Error> LogLoader::finish_swaps(std::vector<std::string>& names) {
    Storage& storage = log_.storage_;
    const auto path = [this](std::string_view name) {
        return log_.directory_ + "/" + std::string(name);
    };
    Offset cleaned_min{std::numeric_limits<std::int64_t>::max()};
    std::vector<std::string> swaps;
    std::vector<std::string> kept;
    for (std::string& name : names) {
        if (name.ends_with(suffix::cleaned)) {
            if (const auto offset = offset_of(without_suffix(name)))
                cleaned_min = std::min(cleaned_min, *offset);
            if (auto removed = storage.remove(path(name)); !removed) return removed;
        } else if (name.ends_with(suffix::swap)) {
            swaps.push_back(std::move(name));
        } else {
            kept.push_back(std::move(name));
        }
    }
    names = std::move(kept);
    for (const std::string& swap : swaps) {
        const std::string target(without_suffix(swap));
        const auto base = offset_of(target);
        if (!base || *base >= cleaned_min) {
            if (auto removed = storage.remove(path(swap)); !removed) return removed;
            continue;
        }
        if (target.ends_with(suffix::log)) {
            auto file = storage.open(path(swap), Storage::Open::existing);
            if (!file) return std::unexpected(std::move(file.error()));
            const auto size = (*file)->size();
            if (!size) return std::unexpected(size.error());
            Bytes window(recovery_window_bytes);
            BatchScanner scanner(**file, 0, *size, window);
            Offset end = *base + 1;
            for (;;) {
                const auto header = scanner.next();
                if (!header) return std::unexpected(header.error());
                if (!*header) break;
                end = std::max(end, (*header)->next_offset());
            }
            std::erase_if(names, [&](const std::string& name) {
                const auto offset = offset_of(name);
                const bool replaced = offset && *offset >= *base && *offset < end;
                if (replaced) (void)storage.remove(path(name));
                return replaced;
            });
        }
    }
    for (const std::string& swap : swaps) {
        const std::string target(without_suffix(swap));
        const auto base = offset_of(target);
        if (!base || *base >= cleaned_min) continue;
        if (auto renamed = storage.rename(path(swap), path(target)); !renamed) return renamed;
        names.push_back(target);
    }
    return {};
}

// ---- segments

std::expected<void, Error> LogLoader::load_segments() {
    for (const auto& [base, names] : found_) {
        const SegmentFiles files{log_.storage_, log_.directory_, base};
        Segment::Sizes sizes;
        const auto size_of = [&](std::string_view suffix) {
            return log_.storage_.file_size(files.path(suffix));
        };
        const auto log_bytes = size_of(suffix::log);
        if (!log_bytes) return std::unexpected(log_bytes.error());
        if (*log_bytes > std::numeric_limits<std::int32_t>::max()) {
            return std::unexpected(
                corrupt(files.path(suffix::log) + " is longer than any segment may be"));
        }
        sizes.log_bytes = *log_bytes;
        bool sane = names.offset_index && names.time_index;
        const auto entries_of = [&](std::string_view suffix,
                                    std::size_t entry_bytes) -> std::int32_t {
            const auto bytes = size_of(suffix);
            const auto unit = static_cast<std::int64_t>(entry_bytes);
            if (!bytes || *bytes % unit != 0 || *bytes > std::numeric_limits<std::int32_t>::max()) {
                sane = false;
                return 0;
            }
            return static_cast<std::int32_t>(*bytes / unit);
        };
        if (sane) {
            sizes.offset_index_entries = entries_of(suffix::offset_index, OffsetIndex::entry_bytes);
            sizes.time_index_entries = entries_of(suffix::time_index, TimeIndex::entry_bytes);
        }
        // A segment with batches was sealed or closed with at least one entry of time.
        if (sizes.log_bytes > 0 && sizes.time_index_entries == 0) sane = false;
        log_.segments_.push_back(std::make_unique<Segment>(
            log_.storage_, log_.directory_, base, sizes, options_.now, log_.jitter_for(base)));
        rebuild_.push_back(!sane);
    }
    if (log_.segments_.empty()) {
        const Offset base = std::max(options_.log_start_offset, Offset{0});
        if (auto added = log_.add_segment(base, options_.now); !added) return added;
        rebuild_.push_back(false);
    }
    return {};
}

std::expected<void, Error> LogLoader::recover_all() {
    auto& segments = log_.segments_;
    const Offset recovery_point = options_.recovery_point.value_or(Offset{0});
    const std::size_t first =
        options_.clean_shutdown ? segments.size() - 1 : log_.segment_index_for(recovery_point);
    const auto lost_checkpoint = !options_.recovery_point.has_value();

    // Below the recovery point only indexes that are missing are made anew.
    bool may_have_gaps = log_.config_.cleanup_compact;
    for (std::size_t i = 0; i < first; ++i) {
        const auto end = end_of_sealed(i);
        if (!end) return std::unexpected(end.error());
        if (*end == segments[i + 1]->base_offset() || may_have_gaps) continue;
        const auto compacted = was_compacted(first);
        if (!compacted) return std::unexpected(compacted.error());
        may_have_gaps = *compacted;
        if (may_have_gaps) continue;
        return std::unexpected(corrupt(
            "in " + log_.directory_ + " the records from offset " + std::to_string(end->value) +
            " to " + std::to_string(segments[i + 1]->base_offset().value - 1) +
            " are missing, between two segments that were flushed; they are left for a repair"));
    }
    log_.end_offset_ = segments[first]->base_offset();
    bool verified = false;
    for (std::size_t i = first; i < segments.size(); ++i) {
        Segment& segment = *segments[i];
        if (i > first && segment.base_offset() != log_.end_offset_) {
            // Compaction leaves gaps, but only below the recovery point: it takes flushed segments.
            const bool compacted = log_.config_.cleanup_compact &&
                                   (lost_checkpoint || segment.base_offset() <= recovery_point);
            if (segment.base_offset() < log_.end_offset_ || !compacted) {
                if (auto removed = remove_from(i, "the segment before it ends too early"); !removed)
                    return removed;
                break;
            }
        }
        if (options_.clean_shutdown && !rebuild_[i]) {
            const auto end = segment.load_end();
            if (!end) return std::unexpected(end.error());
            if (*end) {
                log_.end_offset_ = **end;
                continue;
            }
        }
        verified = true;
        if (options_.progress) {
            options_.progress(
                {log_.partition_, segment.base_offset(), segments.size() - i, log_.report_.bytes});
        }
        const auto whole = recover(i, true);
        if (!whole) return std::unexpected(whole.error());
        if (!*whole) {
            if (auto removed = remove_from(i + 1, log_.report_.cut_reason); !removed)
                return removed;
            break;
        }
    }
    window_ = {};
    log_.log_start_offset_ = segments.front()->base_offset();
    log_.flushed_end_ = log_.end_position();
    // What was cut off has to stay off: the next power cut might bring a removed segment back.
    const bool cut = !log_.report_.cut_reason.empty();
    const bool has_unflushed =
        log_.end_offset_ > std::max(recovery_point, segments.front()->base_offset());
    if (verified && (cut || has_unflushed)) return flush_recovered(first);
    return {};
}

// Compaction leaves gaps within segments, a lost file between them alone: this tells them apart where
// the settings do no longer. Looks at the segments before `end`.
std::expected<bool, Error> LogLoader::was_compacted(std::size_t end) {
    for (std::size_t i = 0; i < end; ++i) {
        Segment& segment = *log_.segments_[i];
        auto file = segment.file();
        if (!file) return std::unexpected(std::move(file.error()));
        size_window_for(segment.size());
        BatchScanner scanner(**file, 0, segment.size(), window_);
        for (Offset due = segment.base_offset();;) {
            const auto header = scanner.next();
            if (!header) return std::unexpected(header.error());
            if (!*header) break;
            if ((*header)->base_offset != due || (*header)->record_count <= (*header)->last_offset_delta) return true;
            due = (*header)->next_offset();
        }
    }
    return false;
}

// The offset after the last batch of a segment that lies below the recovery point.
std::expected<Offset, Error> LogLoader::end_of_sealed(std::size_t index) {
    if (!rebuild_[index]) {
        const auto end = log_.segments_[index]->load_end();
        if (!end) return std::unexpected(end.error());
        if (*end) return **end;
    }
    if (auto done = recover(index, false); !done) return std::unexpected(done.error());
    return log_.end_offset_;
}

// Reads segment `index` and makes its indexes anew; false when its end had to be cut off. The
// leader epochs are taken anew from its batches when all later segments will be read as well.
std::expected<bool, Error> LogLoader::recover(std::size_t index, bool with_epochs) {
    Segment& segment = *log_.segments_[index];
    const std::int64_t size = segment.size();
    if (size == 0 && !segment.has_index_entries()) {
        log_.end_offset_ = segment.base_offset();
        return true;
    }
    log_.report_.ran = log_.report_.ran || size > 0;
    ++log_.report_.segments;
    log_.report_.bytes += size;
    if (with_epochs && log_.leader_epochs_.truncate_from_end(segment.base_offset()))
        ++log_.leader_epochs_version_;
    auto scanned = scan(segment, with_epochs);
    if (!scanned) return std::unexpected(scanned.error());
    log_.end_offset_ = scanned->end;
    if (scanned->reason.empty()) {
        if (auto sealed = segment.seal(); !sealed) return std::unexpected(sealed.error());
        return true;
    }
    const std::string where = segment.files().path(suffix::log) + " at byte " +
                              std::to_string(scanned->bytes) + " (offset " +
                              std::to_string(scanned->end.value) + "): " + scanned->reason;
    if (options_.recovery_point && scanned->end < *options_.recovery_point) {
        return std::unexpected(
            corrupt(where + "; this was flushed before, so it is left for a repair"));
    }
    log_.report_.bytes_cut += size - scanned->bytes;
    log_.report_.cut_reason = where;
    if (auto cut = segment.truncate(scanned->bytes, scanned->end); !cut)
        return std::unexpected(cut.error());
    if (auto sealed = segment.seal(); !sealed) return std::unexpected(sealed.error());
    return false;
}

// The first segment is often all there is, and small.
void LogLoader::size_window_for(std::int64_t segment_bytes) {
    if (window_.empty()) {
        window_.resize(static_cast<std::size_t>(
            std::clamp<std::int64_t>(segment_bytes, protocol::batch_header_bytes, recovery_window_bytes)));
    } else if (window_.size() < recovery_window_bytes) {
        window_.resize(recovery_window_bytes);
    }
}

std::expected<LogLoader::Scan, Error> LogLoader::scan(Segment& segment, bool with_epochs) {
    if (auto cleared = segment.clear_indexes(); !cleared) return std::unexpected(cleared.error());
    Scan result{segment.base_offset(), 0, {}};
    if (segment.size() == 0) return result;
    auto file = segment.file();
    if (!file) return std::unexpected(std::move(file.error()));
    size_window_for(segment.size());
    BatchScanner scanner(**file, 0, segment.size(), window_);
    LeaderEpoch epoch = no_leader_epoch;
    for (;;) {
        const auto header = scanner.next();
        if (!header) return std::unexpected(header.error());
        if (!*header) {
            if (result.bytes != segment.size()) result.reason = "no whole batch";
            return result;
        }
        const auto bytes = scanner.bytes(**header);
        if (!bytes) return std::unexpected(bytes.error());
        const auto batch = protocol::RecordBatchView::parse(*bytes);
        if (!batch || !batch->crc_matches()) {
            result.reason = "the checksum does not match";
            return result;
        }
        // What an earlier content of the same place would look like.
        if ((*header)->base_offset < result.end) result.reason = "the offsets go back";
        // Compaction leaves gaps, but has never touched what lies above the recovery point. The
        // checksum does not cover the base offset.
        if (options_.recovery_point && result.end >= *options_.recovery_point &&
            (*header)->base_offset != result.end) {
            result.reason = "the offset does not follow";
        }
        if ((*header)->last_offset() - segment.base_offset() >
            std::numeric_limits<std::int32_t>::max()) {
            result.reason = "the offset does not belong into this segment";
        }
        if (!result.reason.empty()) return result;
        // No checksum covers the epoch either; one that goes back is no reason to lose records.
        epoch = std::max(epoch, (*header)->epoch);
        if (with_epochs && epoch.value >= 0 &&
            log_.leader_epochs_.assign(epoch, (*header)->base_offset)) {
            ++log_.leader_epochs_version_;
        }
        segment.on_batch(log_.config_, (*header)->last_offset(), (*header)->max_timestamp,
                         (*header)->position, (*header)->size);
        result.end = (*header)->next_offset();
        result.bytes = (*header)->end();
    }
}

// Removes the segments from `index` on: they lie behind a cut.
std::expected<void, Error> LogLoader::remove_from(std::size_t index, std::string reason) {
    auto& segments = log_.segments_;
    if (index >= segments.size()) return {};
    if (options_.recovery_point && log_.end_offset_ < *options_.recovery_point) {
        return std::unexpected(corrupt(segments[index]->files().path(suffix::log) + ": " + reason +
                                       "; this was flushed before, so it is left for a repair"));
    }
    log_.report_.cut_reason = std::move(reason);
    while (segments.size() > index) {
        for (const std::string& file :
             files_of_segment(log_.directory_, segments.back()->base_offset())) {
            if (auto removed = log_.storage_.remove(file); !removed) return removed;
        }
        log_.report_.bytes_cut += segments.back()->size();
        ++log_.report_.segments_cut;
        segments.pop_back();
    }
    ++log_.directory_version_;
    return {};
}

// What a killed process left in the page cache is served as flushed from now on, so it has to be.
std::expected<void, Error> LogLoader::flush_recovered(std::size_t first) {
    for (std::size_t i = first; i < log_.segments_.size(); ++i) {
        const auto files = log_.segments_[i]->all_files();
        if (!files) return std::unexpected(files.error());
        for (const auto& file : *files) {
            if (auto flushed = file->flush(); !flushed) return flushed;
        }
    }
    if (auto flushed = log_.storage_.flush_directory(log_.directory_); !flushed) return flushed;
    return log_.storage_.flush_directory(parent_directory(log_.directory_));
}

std::expected<void, Error> LogLoader::remove_first() {
    auto& segments = log_.segments_;
    for (const std::string& file :
         files_of_segment(log_.directory_, segments.front()->base_offset())) {
        if (auto removed = log_.storage_.remove(file); !removed) return removed;
    }
    segments.erase(segments.begin());
    ++log_.directory_version_;
    return {};
}

// Retention had taken these out, but some or all of their files are there again after a power cut.
std::expected<void, Error> LogLoader::drop_below_log_start() {
    while (log_.segments_.size() > 1 &&
           log_.segments_[1]->base_offset() <= options_.log_start_offset) {
        if (auto removed = remove_first(); !removed) return removed;
        rebuild_.erase(rebuild_.begin());
    }
    return {};
}

std::expected<void, Error> LogLoader::set_log_start() {
    const Offset wanted = options_.log_start_offset;
    if (wanted > log_.end_offset_) {
        // All that is left was deleted before: the log begins anew where it shall start.
        while (!log_.segments_.empty()) {
            if (auto removed = remove_first(); !removed) return removed;
        }
        if (auto added = log_.add_segment(wanted, options_.now); !added) return added;
        log_.end_offset_ = wanted;
        log_.flushed_end_ = log_.end_position();
    }
    log_.log_start_offset_ = std::max(wanted, log_.segments_.front()->base_offset());
    return {};
}

std::expected<void, Error> LogLoader::load_epochs() {
    const std::string path = log_.directory_ + "/" + std::string(leader_epoch_file);
    const auto bytes = read_file(log_.storage_, path, small_file_bytes_max);
    if (!bytes) {
        if (bytes.error().kind == ErrorKind::not_found) return {};
        return std::unexpected(bytes.error());
    }
    // Damaged, it is as good as absent: the batches name their epochs, and so will the next ones.
    if (auto epochs = LeaderEpochs::parse(as_text(*bytes)))
        log_.leader_epochs_ = std::move(*epochs);
    return {};
}

}  // namespace mamba::log
