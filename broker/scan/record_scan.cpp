#include "broker/scan/record_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "broker/scan/aborted_transactions.h"
#include "protocol/record.h"

namespace mamba::broker {
namespace {

// How often the clock is looked at when records cost little.
constexpr std::int64_t records_between_looks = 256;
constexpr std::size_t bytes_between_looks = 1024 * 1024;
constexpr std::size_t chunk_bytes_min = 4 * 1024;
constexpr std::size_t chunk_bytes_max = 256 * 1024;

class NewsForwarder final : public ReadListener {
public:
    explicit NewsForwarder(std::weak_ptr<ReadListener> listener) : listener_(std::move(listener)) {}
    void on_news() override {
        if (const auto listener = listener_.lock()) listener->on_news();
    }

private:
    const std::weak_ptr<ReadListener> listener_;
};

}  // namespace

Offset last_stable_offset(Partition& partition) {
    const auto undecided =
        partition.with_log([](log::PartitionLog& log) { return log.producers().first_undecided_offset(); });
    return std::min(partition.high_watermark(), undecided.value_or(no_scan_end));
}

// One partition of the scan; [low, high) is left to do.
struct RecordScan::Lane {
    std::shared_ptr<Partition> partition;
    PartitionIndex index;
    Offset low;
    Offset high;
    std::unique_ptr<BatchWalk> walk;
    Timestamp time = no_timestamp;  // of the batch that comes next
    Offset seen_end;                // the high watermark when it was last looked at
    bool done = false;
    AbortedTransactions aborted;
    Offset aborted_upto{-1};  // `aborted` tells of what lies below

    // Nothing of what lies below is shown: it is done, or has been deleted meanwhile.
    Offset floor() const { return std::max(low, walk->log_start()); }
};

// The batch that is being looked at, which may take several steps.
class RecordScan::OpenBatch {
public:
    OpenBatch(Lane& lane, protocol::RecordBatchView batch) : lane(lane), batch(batch) {}

    // Finds the records; a sentence when they cannot be had.
    std::expected<void, std::string> read(protocol::Compression& compression, bool ascending) {
        const auto records = records_of(batch, compression, plain_bytes_max(*lane.partition), plain_);
        if (!records) return std::unexpected(records.error());
        records_ = *records;
        reader_ = protocol::RecordReader(records_, batch.record_count());
        backwards_ = !ascending;
        if (ascending) return {};
        std::size_t at = 0;
        auto record = reader_.next();
        for (; record; record = reader_.next()) {
            starts_.push_back(static_cast<std::uint32_t>(at));
            at += record->size;
        }
        if (record.error() != protocol::RecordError::end) return std::unexpected(malformed());
        return {};
    }

    // The next one in the scan's order; empty at the end, a sentence where the bytes are no record.
    std::expected<std::optional<protocol::Record>, std::string> next() {
        if (backwards_) {
            if (starts_.empty()) return std::nullopt;
            protocol::RecordReader one(records_.subspan(starts_.back()), 1);
            starts_.pop_back();
            return *one.next();
        }
        const auto record = reader_.next();
        if (record) return *record;
        if (record.error() == protocol::RecordError::end) return std::nullopt;
        return std::unexpected(malformed());
    }

    // Computed for batches only that have something to show.
    const std::shared_ptr<const BatchFacts>& facts() {
        if (!facts_) {
            BatchFacts facts = facts_of(batch);
            facts.plain_bytes = records_.size();
            facts_ = std::make_shared<const BatchFacts>(facts);
        }
        return facts_;
    }

    Lane& lane;
    const protocol::RecordBatchView batch;
    bool is_aborted = false;

private:
    static std::string malformed() { return "its records are malformed"; }

    Bytes plain_;
    BytesView records_;
    protocol::RecordReader reader_{{}, 0};
    std::vector<std::uint32_t> starts_;  // of the records still to be given, when backwards_
    bool backwards_ = false;
    std::shared_ptr<const BatchFacts> facts_;
};

RecordScan::RecordScan(ScanRequest request, ClockFunction clock)
    : request_(std::move(request)), clock_(std::move(clock)) {}

RecordScan::~RecordScan() = default;

std::unique_ptr<RecordScan> RecordScan::start(ScanRequest request, std::vector<std::shared_ptr<Partition>> partitions,
                                              ClockFunction clock) {
    std::unique_ptr<RecordScan> scan(new RecordScan(std::move(request), std::move(clock)));
    if (const auto* newest = std::get_if<scan_from::Newest>(&scan->request_.from); newest && !scan->is_ascending()) {
        scan->request_.limit = std::min(scan->request_.limit, newest->count);
    }
    for (std::shared_ptr<Partition>& partition : partitions) scan->resolve(std::move(partition));
    scan->prepare(partitions.size());
    return scan;
}

std::unique_ptr<RecordScan> RecordScan::resume(ScanRequest request, const ScanCursor& cursor,
                                               std::vector<std::shared_ptr<Partition>> partitions,
                                               ClockFunction clock) {
    request.order = cursor.order;
    request.isolation = cursor.isolation;
    std::unique_ptr<RecordScan> scan(new RecordScan(std::move(request), std::move(clock)));
    for (const ScanRange& range : cursor.ranges) {
        const auto partition = std::ranges::find(partitions, range.partition, [](const auto& candidate) {
            return candidate->name().partition;
        });
        if (partition != partitions.end()) {
            scan->add_lane(*partition, range.low, range.high);
        } else {
            scan->early_warnings_.push_back(
                {range.partition, ErrorCode::unknown_topic_or_partition, "there is no such partition here"});
        }
    }
    scan->prepare(cursor.ranges.size());
    return scan;
}

Offset RecordScan::visible_end(Partition& partition) const {
    if (request_.isolation == ScanIsolation::read_committed) return last_stable_offset(partition);
    return partition.high_watermark();
}

void RecordScan::resolve(std::shared_ptr<Partition> partition) {
    const PartitionIndex index = partition->name().partition;
    if (partition->failed()) {
        early_warnings_.push_back({index, partition->failure(), "the partition is not served; it is left out"});
    } else if (const auto range = range_of(*partition)) {
        add_lane(std::move(partition), range->first, range->second);
    } else {
        early_warnings_.push_back({index, range.error().code, range.error().message + "; the partition is left out"});
    }
}

// Which offsets `from` and `to` mean.
std::expected<std::pair<Offset, Offset>, log::Error> RecordScan::range_of(Partition& partition) const {
    const PartitionIndex index = partition.name().partition;
    const Offset start = partition.log_start_offset();
    const Offset end = std::max(start, visible_end(partition));
    const auto clamped = [start, end](Offset offset) { return std::clamp(offset, start, end); };
    const auto named = [index, &clamped](const std::map<PartitionIndex, Offset>& offsets, Offset otherwise) {
        const auto found = offsets.find(index);
        return found == offsets.end() ? otherwise : clamped(found->second);
    };
    std::optional<log::Error> error;
    const auto at_time = [&](Timestamp time) {
        const auto found = partition.find_by_time(time);
        if (!found) error = found.error();
        return found && *found ? clamped((*found)->offset) : end;
    };

    Offset low = start;
    if (const auto* newest = std::get_if<scan_from::Newest>(&request_.from)) {
        // Newest first, the limit ends it.
        if (is_ascending()) low = end - std::clamp<std::int64_t>(newest->count, 0, end - start);
    } else if (const auto* offsets = std::get_if<scan_from::Offsets>(&request_.from)) {
        low = named(offsets->offsets, start);
    } else if (const auto* time = std::get_if<scan_from::Time>(&request_.from)) {
        low = at_time(time->time);
    } else if (std::holds_alternative<scan_from::Live>(request_.from)) {
        low = end;
    }
    Offset high = end;
    if (const auto* offsets = std::get_if<scan_to::Offsets>(&request_.to)) {
        high = named(offsets->offsets, end);
    } else if (const auto* time = std::get_if<scan_to::Time>(&request_.to)) {
        high = at_time(time->time);
    } else if (std::holds_alternative<scan_to::Never>(request_.to) && is_ascending()) {
        high = no_scan_end;
    }
    if (error) return std::unexpected(std::move(*error));
    return std::pair(low, std::max(low, high));
}

void RecordScan::add_lane(std::shared_ptr<Partition> partition, Offset low, Offset high) {
    auto lane = std::make_unique<Lane>();
    lane->index = partition->name().partition;
    lane->partition = std::move(partition);
    lane->low = low;
    lane->high = high;
    lanes_.push_back(std::move(lane));
}

// Readies the lanes, once it is known how many share the memory. `partitions` were asked for.
void RecordScan::prepare(std::size_t partitions) {
    WalkLimits limits;
    limits.chunk_bytes =
        std::clamp(chunks_bytes_max / std::max<std::size_t>(lanes_.size(), 1), chunk_bytes_min, chunk_bytes_max);
    progress_.partitions = partitions;
    progress_.partitions_done = partitions - lanes_.size();
    for (const auto& lane : lanes_) {
        limits.batch_bytes_max = plain_bytes_max(*lane->partition);
        lane->walk = is_ascending() ? walk_forwards(lane->partition, lane->low, limits)
                                    : walk_backwards(lane->partition, lane->high, limits);
        ranges_.push_back({lane->index, lane->low, lane->high});
        const Offset end = lane->high == no_scan_end ? std::max(lane->low, visible_end(*lane->partition)) : lane->high;
        progress_.upper_bound += end - lane->low;
        unseen_.push_back(lane.get());
    }
}

ScanProgress RecordScan::progress() const { return progress_; }

ScanCursor RecordScan::cursor() const {
    ScanCursor cursor{request_.order, request_.isolation, {}};
    for (const auto& lane : lanes_) {
        if (!lane->done) cursor.ranges.push_back({lane->index, lane->low, lane->high});
    }
    return cursor;
}

std::vector<std::pair<PartitionIndex, Offset>> RecordScan::positions() const {
    std::vector<std::pair<PartitionIndex, Offset>> positions;
    for (const auto& lane : lanes_) positions.emplace_back(lane->index, is_ascending() ? lane->low : lane->high);
    return positions;
}

bool RecordScan::await_news(const std::weak_ptr<ReadListener>& listener) {
    // A new one each time: partitions drop the one before, so that asking often leaves nothing behind.
    news_ = std::make_shared<NewsForwarder>(listener);
    bool all_wait = true;
    for (Lane* lane : waiting_) all_wait = lane->partition->await_news(lane->seen_end, news_) && all_wait;
    return all_wait;
}

void RecordScan::warn(Step& step, PartitionIndex partition, ErrorCode code, std::string message) {
    if (++warnings_ > warnings_max) return;
    if (warnings_ == warnings_max) message += "; further warnings are left out";
    step.warnings.push_back({partition, code, std::move(message)});
}

std::optional<ScanEnd> RecordScan::reason_to_end(Instant now) const {
    if (end_) return end_;
    if (progress_.matched >= request_.limit) return ScanEnd::limit;
    if (progress_.partitions_done == progress_.partitions) return ScanEnd::end;
    if (cancelled_.load(std::memory_order_relaxed)) return ScanEnd::cancelled;
    // However small a budget is, a scan gets on: it looks at a record, and does not leave a batch for its size.
    const bool bytes_are_used = progress_.bytes >= request_.budget.bytes && !batch_;
    if (has_worked_ && (bytes_are_used || now - *started_ >= request_.budget.time)) return ScanEnd::budget;
    return std::nullopt;
}

bool RecordScan::step_is_full(const Step& step) const {
    return step.records.size() >= step_records || step_preview_bytes_ >= step_preview_bytes;
}

RecordScan::Step RecordScan::step() {
    Step step;
    Instant now = clock_();
    if (!started_) started_ = now;
    step_until_ = now + step_time;
    step_bytes_left_ = step_bytes;
    step_preview_bytes_ = 0;
    for (ScanWarning& warning : std::exchange(early_warnings_, {})) {
        warn(step, warning.partition, warning.code, std::move(warning.message));
    }
    unseen_.insert(unseen_.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
    // At least one piece of work, so that every step gets on.
    do {
        end_ = reason_to_end(now);
        if (end_) break;
        if (!unseen_.empty()) {
            look_ahead(step);
        } else if (!batch_) {
            Lane* lane = next_lane();
            if (lane == nullptr) {
                step.waiting = true;
                break;
            }
            open(*lane, step);
        } else {
            work(step);
        }
        now = clock_();
    } while (now < step_until_ && step_bytes_left_ > 0 && !step_is_full(step));
    progress_.time = clock_() - *started_;
    if (!end_ && !step.waiting) end_ = reason_to_end(now);
    step.end = end_;
    return step;
}

// Finds out which batch comes next in one partition.
void RecordScan::look_ahead(Step& step) {
    Lane& lane = *unseen_.back();
    unseen_.pop_back();
    const bool is_open_ended = lane.high == no_scan_end;
    lane.seen_end = lane.partition->high_watermark();
    const auto header = lane.walk->peek(lane.low, is_open_ended ? visible_end(*lane.partition) : lane.high);
    if (header && *header) {
        const bool first = is_ascending() && !(*header)->has_log_append_time();
        lane.time = first ? (*header)->base_timestamp : (*header)->max_timestamp;
        ready_.push_back(&lane);
        std::ranges::push_heap(ready_, [this](const Lane* a, const Lane* b) { return comes_later(a, b); });
        return;
    }
    if (header && is_open_ended) {
        waiting_.push_back(&lane);
        return;
    }
    if (!header) {
        leave_out(step, lane, header.error());
    } else {
        lane.done = true;
        ++progress_.partitions_done;
    }
}

// The lane cannot be read on; the others go on.
void RecordScan::leave_out(Step& step, Lane& lane, const ScanFailure& failure) {
    warn(step, lane.index, failure.code, failure.message + "; the partition is left out");
    lane.done = true;
    ++progress_.partitions_done;
}

bool RecordScan::comes_later(const Lane* a, const Lane* b) const {
    return is_ascending() ? b->time < a->time : a->time < b->time;
}

RecordScan::Lane* RecordScan::next_lane() {
    if (ready_.empty()) return nullptr;
    std::ranges::pop_heap(ready_, [this](const Lane* a, const Lane* b) { return comes_later(a, b); });
    Lane* lane = ready_.back();
    ready_.pop_back();
    return lane;
}

// Begins the lane's next batch, unless it can be told at once that nothing in it is wanted.
void RecordScan::open(Lane& lane, Step& step) {
    const auto bytes = lane.walk->load();
    if (!bytes) {
        leave_out(step, lane, bytes.error());
        return;
    }
    const auto batch = protocol::RecordBatchView::parse(*bytes);
    assert(batch && "the walk has looked at its header");
    progress_.bytes += static_cast<std::int64_t>(batch->size());
    step_bytes_left_ -= static_cast<std::int64_t>(batch->size());
    const bool is_hidden = batch->is_control() && request_.isolation == ScanIsolation::read_committed;
    const bool is_whole = batch->base_offset() >= lane.floor() && batch->last_offset() < lane.high;
    const std::string& needle = request_.filter.needle();
    const bool is_plain = batch->has_known_codec() && batch->codec() == protocol::CompressionType::none;
    if (is_hidden || (is_whole && is_plain && !needle.empty() && !lane.walk->may_contain(needle))) {
        if (!is_hidden) progress_.scanned += batch->record_count();
        if (is_hidden) check_crc(step, lane, *batch);
        finish(lane, *batch);
        return;
    }
    check_crc(step, lane, *batch);
    batch_ = std::make_unique<OpenBatch>(lane, *batch);
    batch_->is_aborted = is_aborted(lane, *batch, step);
    if (const auto read = batch_->read(compression_, is_ascending()); !read) {
        warn(step, lane.index, ErrorCode::corrupt_message,
             fmt::format("the batch at offset {} is left out: {}", batch->base_offset().value, read.error()));
        finish(lane, *batch);
    }
}

// What is damaged may be shown wrongly, or not at all: it is told.
void RecordScan::check_crc(Step& step, const Lane& lane, const protocol::RecordBatchView& batch) {
    if (batch.crc_matches()) return;
    warn(step, lane.index, ErrorCode::corrupt_message,
         fmt::format("the batch at offset {} is damaged: its checksum is wrong", batch.base_offset().value));
}

bool RecordScan::is_aborted(Lane& lane, const protocol::RecordBatchView& batch, Step& step) {
    if (!batch.is_transactional() || batch.is_control()) return false;
    if (batch.last_offset() >= lane.aborted_upto) {
        // What is decided now was decided before its file is read.
        const Offset decided = last_stable_offset(*lane.partition);
        if (decided > lane.aborted_upto) {
            if (auto read = AbortedTransactions::read(*lane.partition)) {
                lane.aborted = std::move(*read);
            } else {
                warn(step, lane.index, read.error().code,
                     read.error().message + "; records of aborted transactions are not marked");
            }
            lane.aborted_upto = decided;
        }
    }
    return lane.aborted.contain(batch.producer_id(), batch.base_offset());
}

// Looks at records of the open batch, as many as the step has room for.
void RecordScan::work(Step& step) {
    OpenBatch& open = *batch_;
    Lane& lane = open.lane;
    const bool times_records = request_.filter.has_expression();
    std::size_t bytes = 0;
    for (std::int64_t looked_at = 1;; ++looked_at) {
        const auto record = open.next();
        if (!record) {
            warn(step, lane.index, ErrorCode::corrupt_message,
                 fmt::format("the rest of the batch at offset {} is left out: {}", open.batch.base_offset().value,
                             record.error()));
        }
        if (!record || !*record) {
            finish(lane, open.batch);
            return;
        }
        const RecordView view = view_of(lane.index, open.batch, **record);
        if (view.offset < lane.floor() || view.offset >= lane.high) continue;
        has_worked_ = true;
        (is_ascending() ? lane.low : lane.high) = is_ascending() ? view.offset + 1 : view.offset;
        ++progress_.scanned;
        bytes += (*record)->size;

        const Instant before = times_records ? clock_() : Instant{};
        const bool matches = request_.filter.matches(view);
        Instant now = before;
        if (times_records) {
            now = clock_();
            expression_time_ += now - before;
            const auto parts = static_cast<std::int64_t>(1 + (*record)->size / record_time_bytes);
            expression_time_max_ += parts * record_time_max;
            if (expression_time_ > expression_time_max_) {
                warn(step, lane.index, ErrorCode::request_timed_out,
                     fmt::format("the expression takes more than 1 ms a record; it was at offset {}",
                                 view.offset.value));
                end_ = ScanEnd::too_slow;
                return;
            }
        }
        if (matches) {
            ++progress_.matched;
            step.records.push_back(scanned_record(view, (*record)->size, request_.preview, open.facts()));
            step.records.back().is_aborted = open.is_aborted;
            step_preview_bytes_ += step.records.back().preview_bytes();
            if (progress_.matched >= request_.limit || step_is_full(step)) return;
        }
        const bool looks = looked_at >= records_between_looks || bytes >= bytes_between_looks;
        if (times_records ? now >= step_until_ : looks) return;
    }
}

// The lane's batch is done.
void RecordScan::finish(Lane& lane, const protocol::RecordBatchView& batch) {
    if (is_ascending()) {
        lane.low = std::min(lane.high, batch.next_offset());
    } else {
        lane.high = std::max(lane.low, batch.base_offset());
    }
    has_worked_ = true;
    batch_.reset();
    lane.walk->skip();
    unseen_.push_back(&lane);
}

std::expected<ScannedRecord, ScanFailure> read_record(const std::shared_ptr<Partition>& partition, Offset offset) {
    const auto batch = LoadedBatch::find(partition, offset);
    if (!batch) return std::unexpected(batch.error());
    protocol::RecordReader reader(batch->records, batch->view().record_count());
    for (auto record = reader.next(); record; record = reader.next()) {
        const RecordView view = view_of(partition->name().partition, batch->view(), *record);
        if (view.offset != offset) continue;
        ScannedRecord found = scanned_record(view, record->size, PreviewSize::everything(), batch->facts);
        if (batch->facts->is_transactional && !batch->facts->is_control) {
            const auto aborted = AbortedTransactions::read(*partition);
            if (!aborted) return std::unexpected(ScanFailure{aborted.error().code, aborted.error().message});
            found.is_aborted = aborted->contain(batch->facts->producer_id, batch->facts->base_offset);
        }
        return found;
    }
    return std::unexpected(
        ScanFailure{ErrorCode::invalid_record, fmt::format("there is no record at offset {}", offset.value)});
}

}  // namespace mamba::broker
