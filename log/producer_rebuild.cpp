// PartitionLog's producer state from what is on disk: the newest snapshot that can be read, and the
// batches since.
#include <algorithm>

#include "log/partition_log.h"
#include "log/producer_replay.h"
#include "log/segment.h"
#include "log/segment_files.h"

namespace mamba::log {

namespace {

constexpr std::size_t snapshot_bytes_max = 1024UL * 1024 * 1024;
constexpr std::size_t window_bytes = 256UL * 1024;
// How far back from a snapshot batches are looked for that a producer may send again: five of the
// default size limit, twice over for others in between.
constexpr std::int64_t recalled_bytes_max = 10L * 1024 * 1024;

}  // namespace

// A client with several requests in flight repeats all of them after a restart, while a snapshot
// (Kafka's format) knows the last batch of each producer only. The ones before it are in the log.
std::expected<void, Error> PartitionLog::recall_batches_before(Offset snapshot) {
    if (producers_.producers().empty()) return {};
    std::vector<ProducerBatch> batches;  // newest first
    std::int64_t bytes_left = recalled_bytes_max;
    Bytes window;
    for (std::size_t i = segment_index_for(snapshot - 1) + 1; i-- > 0 && bytes_left > 0;) {
        Segment& segment = *segments_[i];
        const auto behind = segment.find(snapshot);
        if (!behind) return std::unexpected(behind.error());
        const std::int64_t end = *behind ? (*behind)->position : segment.size();
        // The first batch that lies in the last `bytes_left`, by halving the range of offsets.
        std::int64_t low = segment.base_offset().value;
        std::int64_t high = end <= bytes_left ? low : snapshot.value;
        while (low < high) {
            const std::int64_t middle = low + (high - low) / 2;
            const auto at = segment.find(Offset(middle));
            if (!at) return std::unexpected(at.error());
            if (!*at || (*at)->position >= end - bytes_left) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        const auto first = segment.find(Offset(low));
        if (!first) return std::unexpected(first.error());
        if (!*first || (*first)->position >= end) continue;
        bytes_left -= end - (*first)->position;
        auto file = segment.file();
        if (!file) return std::unexpected(std::move(file.error()));
        window.resize(static_cast<std::size_t>(
            std::clamp<std::int64_t>(end - (*first)->position, protocol::batch_header_bytes, window_bytes)));
        BatchScanner scanner(**file, (*first)->position, end, window);
        std::vector<ProducerBatch> here;
        for (;;) {
            const auto header = scanner.next();
            if (!header) return std::unexpected(header.error());
            if (!*header) break;
            if ((*header)->has_producer_id() && !(*header)->is_control()) here.push_back(producer_batch_of(**header));
        }
        batches.insert(batches.end(), here.rbegin(), here.rend());
    }
    for (const ProducerBatch& batch : batches) producers_.recall(batch);
    return {};
}

std::expected<void, Error> PartitionLog::rebuild_producers(std::vector<Offset> snapshots,
                                                           Timestamp now) {
    producers_.clear();
    newest_snapshot_.reset();
    std::sort(snapshots.begin(), snapshots.end(), std::greater<>());
    bool removed_future = false;
    for (const Offset offset : snapshots) {
        const std::string path = directory_ + "/" + offset_file_name(offset, suffix::snapshot);
        bool usable = offset <= end_offset_;
        if (usable && !newest_snapshot_) {
            const auto bytes = read_file(storage_, path, snapshot_bytes_max);
            // Not found: it went with its segment, behind a cut.
            if (!bytes && bytes.error().kind != ErrorKind::corrupt &&
                bytes.error().kind != ErrorKind::not_found) {
                return std::unexpected(bytes.error());
            }
            auto loaded = bytes
                              ? ProducerState::load(*bytes, now, config_.producer_id_expiration_ms)
                              : std::unexpected(bytes.error());
            usable = loaded.has_value();
            if (usable) {
                producers_ = std::move(*loaded);
                newest_snapshot_ = offset;
                if (auto recalled = recall_batches_before(offset); !recalled) return recalled;
                continue;
            }
        }
        // Kept are the newest and those where a segment begins: what a truncation goes back to.
        const bool begins_segment = segments_[segment_index_for(offset)]->base_offset() == offset;
        if (usable && begins_segment) continue;
        if (auto removed = storage_.remove(path); !removed) return removed;
        removed_future = removed_future || offset > end_offset_;
    }
    // A snapshot of offsets that the log lost must not be there again, after a power cut, when
    // other batches have taken those offsets.
    if (removed_future) {
        if (auto flushed = storage_.flush_directory(directory_); !flushed) return flushed;
    }

    const Offset from =
        std::max(newest_snapshot_.value_or(log_start_offset_), segments_.front()->base_offset());
    if (from >= end_offset_) return {};
    Bytes window;
    for (std::size_t i = segment_index_for(from); i < segments_.size(); ++i) {
        Segment& segment = *segments_[i];
        const auto first = segment.find(from);
        if (!first) return std::unexpected(first.error());
        if (!*first) continue;
        auto file = segment.file();
        if (!file) return std::unexpected(std::move(file.error()));
        window.resize(static_cast<std::size_t>(std::clamp<std::int64_t>(
            segment.size() - (*first)->position, protocol::batch_header_bytes, window_bytes)));
        BatchScanner scanner(**file, (*first)->position, segment.size(), window);
        for (;;) {
            const auto header = scanner.next();
            if (!header) return std::unexpected(header.error());
            if (!*header) break;
            if (!(*header)->has_producer_id()) continue;
            if (!(*header)->is_control()) {
                producers_.update(producer_batch_of(**header));
                continue;
            }
            const auto bytes = scanner.bytes(**header);
            if (!bytes) return std::unexpected(bytes.error());
            if (const auto batch = protocol::RecordBatchView::parse(*bytes)) {
                apply_to_producers(*batch, producers_);
            }
        }
    }
    return {};
}

}  // namespace mamba::log
