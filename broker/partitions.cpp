#include "broker/partitions.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <ranges>
#include <utility>

#include "broker/logging.h"

namespace mamba::broker {
namespace {

const Logger log_log = logger("mamba.log");

Instant now() { return std::chrono::steady_clock::now(); }

std::string text_of(const TopicPartition& name) { return name.topic + "-" + std::to_string(name.partition.value); }

void count(FlushStats& stats, const Flusher::Round& round) {
    stats.duration.record(round.duration);
    stats.logs.add(round.logs);
    stats.files.add(round.files);
    stats.bytes.add(round.bytes);
    for (std::size_t cause = 0; cause < flush_causes; ++cause) {
        if (round.causes.test(cause)) stats.causes[cause].add(1);
    }
    if (round.method == log::FlushMethod::whole_filesystem) stats.whole_file_system_rounds.add(1);
}

}  // namespace

std::string describe(const FlushStats& stats) {
    const auto microseconds = [&](double part) {
        return std::chrono::duration_cast<std::chrono::microseconds>(stats.duration.percentile(part)).count();
    };
    return fmt::format(
        "{} flush rounds served {} logs and {} files, {} rounds by syncfs; p50 {} us, p99 {} us, p99.9 {} us",
        stats.duration.count(), stats.logs.get(), stats.files.get(), stats.whole_file_system_rounds.get(),
        microseconds(0.5), microseconds(0.99), microseconds(0.999));
}

Partitions::Partitions(log::Storage& storage, WorkerPool& workers, PartitionsOptions options)
    : storage_(storage), workers_(workers), options_(std::move(options)) {}

Partitions::~Partitions() {
    {
        const std::lock_guard lock(housekeeping_mutex_);
        stopping_ = true;
    }
    housekeeping_wake_.notify_all();
    if (housekeeping_.joinable()) housekeeping_.join();
    for (const auto& dir : dirs_) dir->flusher->stop();
}

std::expected<std::unique_ptr<Partitions>, log::Error> Partitions::open(log::Storage& storage, WorkerPool& workers,
                                                                        PartitionsOptions options) {
    std::unique_ptr<Partitions> partitions(new Partitions(storage, workers, std::move(options)));
    std::optional<log::Error> first_error;
    for (const std::string& path : partitions->options_.log_dirs) {
        auto opened = log::LogDir::open(storage, path);
        if (!opened) {
            log_log.error("log dir {} cannot be used: {}", path, opened.error().message);
            if (!first_error) first_error = opened.error();
            continue;
        }
        for (const std::string& warning : (*opened)->warnings()) log_log.warn("{}: {}", path, warning);
        auto dir = std::make_unique<Dir>();
        dir->dir = std::move(*opened);
        dir->flusher = std::make_unique<Flusher>(
            storage,
            Flusher::Options{.log_dir = path,
                             .on_round = [dir = dir.get()](const Flusher::Round& round) { count(dir->flushes, round); },
                             .on_failure = [self = partitions.get(), dir = dir.get()](
                                               const log::Error& error) { self->on_disk_failure(*dir, error); }});
        for (const log::LogDir::Found& found : dir->dir->found()) {
            partitions->found_in_.try_emplace(found.partition, dir.get());
        }
        partitions->dirs_.push_back(std::move(dir));
    }
    if (partitions->dirs_.empty()) {
        return std::unexpected(first_error.value_or(log::Error{.message = "no log dir is configured"}));
    }
    return partitions;
}

std::vector<AdoptTopics::Topic> Partitions::found_topics() const {
    std::map<std::string, AdoptTopics::Topic> topics;
    for (const auto& dir : dirs_) {
        for (const log::LogDir::Found& found : dir->dir->found()) {
            if (!found.topic_id) continue;
            AdoptTopics::Topic& topic = topics[found.partition.topic];
            topic.name = found.partition.topic;
            topic.id = *found.topic_id;
            topic.partitions.push_back(found.partition.partition);
        }
    }
    std::vector<AdoptTopics::Topic> result;
    for (auto& topic : topics | std::views::values) result.push_back(std::move(topic));
    return result;
}

void Partitions::set_strays_aside(const ClusterImage& image) {
    for (const auto& dir : dirs_) {
        for (const log::LogDir::Found& found : dir->dir->found()) {
            const TopicState* topic = image.find_topic(found.partition.topic);
            const bool known = topic != nullptr && topic->find_partition(found.partition.partition) != nullptr &&
                               (!found.topic_id || *found.topic_id == topic->id);
            if (known) continue;
            // As Kafka does: the records may be wanted yet, so they are kept under another name.
            const std::string aside =
                dir->dir->path() + "/" + text_of(found.partition) + "." + options_.random_uuid().to_string() + "-stray";
            log_log.warn("{} is no partition of this cluster: set aside as {}", found.directory, aside);
            if (auto renamed = storage_.rename(found.directory, aside); !renamed) {
                log_log.error("{} could not be set aside: {}", found.directory, renamed.error().message);
            }
        }
    }
}

void Partitions::on_metadata(const ClusterImagePtr& next, const ClusterDelta& delta) {
    if (!delta.deleted.empty()) delete_topics(delta.deleted);

    std::vector<std::pair<TopicPtr, PartitionIndex>> wanted;
    const auto want = [&](const TopicPtr& topic, std::int32_t first) {
        for (std::int32_t i = first; i < topic->partition_count(); ++i) {
            const auto& replicas = topic->partitions[static_cast<std::size_t>(i)].replicas;
            if (std::ranges::find(replicas, options_.broker_id) != replicas.end()) {
                wanted.emplace_back(topic, PartitionIndex(i));
            }
        }
    };
    for (const TopicPtr& topic : delta.created) want(topic, 0);
    for (const ClusterDelta::TopicChange& change : delta.changed) want(change.after, change.before->partition_count());
    if (!wanted.empty()) open_partitions(*next, wanted);

    // A broker-wide setting may change any topic's.
    const bool all = std::ranges::any_of(
        delta.configs, [](const auto& change) { return change.resource.type == ConfigResourceType::broker; });
    const auto update = [&](const std::string& topic) {
        const PartitionSettings settings = options_.settings_of(topic, *next);
        std::shared_ptr<Topic> found;
        {
            const std::shared_lock lock(mutex_);
            const auto at = by_name_.find(topic);
            if (at != by_name_.end()) found = at->second;
        }
        if (!found) return;
        for (const Entry& entry : found->partitions) {
            if (entry.partition) entry.partition->update_settings(settings);
        }
    };
    if (all) {
        next->for_each_topic([&](const TopicState& topic) { update(topic.name); });
    } else {
        for (const ClusterDelta::ConfigChange& change : delta.configs) {
            if (change.resource.type == ConfigResourceType::topic) update(change.resource.name);
        }
    }
}

void Partitions::open_partitions(const ClusterImage& image,
                                 const std::vector<std::pair<TopicPtr, PartitionIndex>>& wanted) {
    struct Opened {
        TopicPartition name;
        Dir* dir = nullptr;
        std::shared_ptr<Partition> partition;
        bool was_there = false;  // at start: a new one has nothing to recover
    };
    std::vector<Opened> opened(wanted.size());
    std::unordered_map<std::string, PartitionSettings> settings;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const TopicState& topic = *wanted[i].first;
        opened[i].name = {topic.name, wanted[i].second};
        opened[i].dir = choose_dir(opened[i].name);
        opened[i].was_there = found_in_.contains(opened[i].name);  // changed by this thread alone
        if (!settings.contains(topic.name)) settings.emplace(topic.name, options_.settings_of(topic.name, image));
    }

    const Instant start = now();
    std::atomic<std::size_t> done = 0;
    std::atomic<std::int64_t> last_told = 0;  // seconds since start
    const auto open_one = [&](std::size_t i) {
        Opened& one = opened[i];
        const TopicState& topic = *wanted[i].first;
        const PartitionState& state = *topic.find_partition(wanted[i].second);
        const PartitionSettings& chosen = settings.at(topic.name);
        const std::function<void(const log::RecoveryProgress&)> no_progress;
        const std::function<void(const log::RecoveryProgress&)> progress = [](const log::RecoveryProgress& at) {
            log_log.info("{}: recovering from segment {}, {} left", text_of(at.partition), at.segment_base.value,
                           at.segments_left);
        };
        auto log = one.dir->dir->open_log(one.name, chosen.log, topic.id, options_.wall_clock(),
                                          one.was_there ? progress : no_progress);
        if (!log) {
            log_log.error("{} cannot be opened and stays offline: {}", text_of(one.name), log.error().message);
        } else {
            const log::RecoveryReport& report = (*log)->recovery_report();
            if (report.bytes_cut > 0 || report.segments_cut > 0) {
                log_log.warn("{}: cut {} bytes and {} segments after the last whole batch: {}", text_of(one.name),
                               report.bytes_cut, report.segments_cut, report.cut_reason);
            }
            (*log)->start_epoch(state.leader_epoch);
            one.partition = std::make_shared<Partition>(one.name, topic.id, state.leader_epoch, std::move(*log), chosen,
                                                        *one.dir->flusher);
        }
        const std::size_t count = ++done;
        const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now() - start).count();
        if (std::int64_t told = last_told; seconds > told && last_told.compare_exchange_strong(told, seconds)) {
            log_log.info("opened {} of {} partitions", count, wanted.size());
        }
    };
    if (wanted.size() == 1) {
        open_one(0);
    } else {
        workers_.run_all(wanted.size(), open_one);
    }

    const std::unique_lock lock(mutex_);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const TopicState& state = *wanted[i].first;
        std::shared_ptr<Topic>& topic = by_name_[state.name];
        if (!topic) topic = std::make_shared<Topic>(Topic{state.id, {}});
        by_id_[state.id] = topic;
        const auto index = static_cast<std::size_t>(wanted[i].second.value);
        if (topic->partitions.size() <= index) topic->partitions.resize(index + 1);
        topic->partitions[index] = {opened[i].partition, opened[i].dir};
    }
}

Partitions::Dir* Partitions::choose_dir(const TopicPartition& partition) {
    const std::unique_lock lock(mutex_);
    Dir* best = nullptr;
    if (const auto found = found_in_.find(partition); found != found_in_.end()) {
        best = found->second;
    } else {
        for (const auto& dir : dirs_) {
            if (dir->dir->offline()) continue;
            if (best == nullptr || dir->partitions < best->partitions) best = dir.get();
        }
        if (best == nullptr) best = dirs_.front().get();
    }
    ++best->partitions;
    return best;
}

void Partitions::delete_topics(std::span<const TopicPtr> topics) {
    std::set<Dir*> dirs;
    for (const TopicPtr& topic : topics) delete_topic(*topic, dirs);
    // Now, not in a minute: after a crash, a topic of the same name must not begin at this one's start.
    // Once for all of them: each file tells of every partition there is, and a flush of a folder with
    // thousands of entries takes milliseconds.
    for (Dir* dir : dirs) {
        if (auto flushed = dir->dir->flush_deletions(); !flushed) {
            log_log.error("{}: deletions could not be flushed: {}", dir->dir->path(), flushed.error().message);
        }
        store_checkpoints(*dir);
    }
}

void Partitions::delete_topic(const TopicState& state, std::set<Dir*>& dirs) {
    std::shared_ptr<Topic> topic;
    {
        const std::unique_lock lock(mutex_);
        const auto at = by_id_.find(state.id);
        if (at == by_id_.end()) return;
        topic = at->second;
        by_id_.erase(at);
        by_name_.erase(state.name);
        for (const Entry& entry : topic->partitions) {
            if (entry.dir != nullptr) {
                --entry.dir->partitions;
                dirs.insert(entry.dir);
            }
            if (entry.partition) found_in_.erase(entry.partition->name());
        }
    }
    for (const Entry& entry : topic->partitions) {
        if (!entry.partition) continue;
        entry.partition->fail(ErrorCode::unknown_topic_or_partition);
        const Uuid unique = options_.random_uuid();
        const auto delay = std::chrono::milliseconds(entry.partition->settings()->log.file_delete_delay_ms);
        auto renamed = entry.partition->with_log_at_rest(
            [&](log::PartitionLog& log) { return entry.dir->dir->mark_deleted(log, unique); });
        if (!renamed) {
            log_log.error("{} could not be deleted: {}", text_of(entry.partition->name()), renamed.error().message);
            continue;
        }
        const std::lock_guard lock(housekeeping_mutex_);
        to_erase_.push_back({now() + delay, entry.dir->dir.get(), std::move(*renamed), {}});
    }
}

std::shared_ptr<Partition> Partitions::find(std::string_view topic, PartitionIndex index) const {
    const std::shared_lock lock(mutex_);
    const auto at = by_name_.find(topic);
    if (at == by_name_.end() || index.value < 0) return nullptr;
    const auto i = static_cast<std::size_t>(index.value);
    return i < at->second->partitions.size() ? at->second->partitions[i].partition : nullptr;
}

std::shared_ptr<Partition> Partitions::find(const Uuid& topic_id, PartitionIndex index) const {
    const std::shared_lock lock(mutex_);
    const auto at = by_id_.find(topic_id);
    if (at == by_id_.end() || index.value < 0) return nullptr;
    const auto i = static_cast<std::size_t>(index.value);
    return i < at->second->partitions.size() ? at->second->partitions[i].partition : nullptr;
}

ErrorCode Partitions::why_missing(std::string_view topic, PartitionIndex index) const {
    const std::shared_lock lock(mutex_);
    const auto at = by_name_.find(topic);
    const bool is_here = at != by_name_.end() && index.value >= 0 &&
                         static_cast<std::size_t>(index.value) < at->second->partitions.size();
    return is_here ? ErrorCode::kafka_storage_error : ErrorCode::unknown_topic_or_partition;
}

ErrorCode Partitions::why_missing(const Uuid& topic_id, PartitionIndex index) const {
    const std::shared_lock lock(mutex_);
    const auto at = by_id_.find(topic_id);
    if (at == by_id_.end()) return ErrorCode::unknown_topic_id;
    const bool is_here = index.value >= 0 && static_cast<std::size_t>(index.value) < at->second->partitions.size();
    return is_here ? ErrorCode::kafka_storage_error : ErrorCode::unknown_topic_or_partition;
}

std::vector<std::shared_ptr<Partition>> Partitions::all() const {
    std::vector<std::shared_ptr<Partition>> result;
    const std::shared_lock lock(mutex_);
    for (const auto& topic : by_name_ | std::views::values) {
        for (const Entry& entry : topic->partitions) {
            if (entry.partition) result.push_back(entry.partition);
        }
    }
    return result;
}

std::vector<std::shared_ptr<const Partitions::Topic>> Partitions::topics() const {
    const std::shared_lock lock(mutex_);
    std::vector<std::shared_ptr<const Topic>> result;
    result.reserve(by_id_.size());
    for (const auto& topic : by_id_ | std::views::values) result.push_back(topic);
    return result;
}

std::vector<TopicPartition> Partitions::unopened_in(const Dir& dir) const {
    std::vector<TopicPartition> names;
    const std::shared_lock lock(mutex_);
    for (const auto& [topic, state] : by_name_) {
        for (std::size_t i = 0; i < state->partitions.size(); ++i) {
            const Entry& entry = state->partitions[i];
            if (entry.dir != &dir || entry.partition) continue;
            names.push_back({topic, PartitionIndex(static_cast<std::int32_t>(i))});
        }
    }
    return names;
}

Partitions::Dir* Partitions::dir_of(const Partition& partition) const {
    const std::shared_lock lock(mutex_);
    const auto at = by_id_.find(partition.topic_id());
    if (at == by_id_.end()) return nullptr;
    return at->second->partitions.at(static_cast<std::size_t>(partition.name().partition.value)).dir;
}

std::expected<void, log::Error> Partitions::store_log_starts(const Partition& partition) {
    Dir* dir = dir_of(partition);
    if (dir == nullptr) return {};  // deleted meanwhile
    const std::lock_guard lock(dir->checkpoint_mutex);
    std::vector<log::CheckpointEntry> entries;
    for (const auto& one : all()) {
        if (dir_of(*one) == dir && !one->failed()) entries.push_back({one->name(), one->log_start_offset()});
    }
    for (const TopicPartition& name : unopened_in(*dir)) {
        if (const auto at = dir->dir->log_start_offset(name)) entries.push_back({name, *at});
    }
    return dir->dir->store_log_start_offsets(entries);
}

void Partitions::on_disk_failure(Dir& dir, const log::Error& error) {
    log_log.log(LogLevel::fatal, "log dir {} goes offline: {}", dir.dir->path(), error.message);
    dir.dir->take_offline(error);
    for (const auto& partition : all()) {
        if (dir_of(*partition) == &dir) partition->fail(ErrorCode::kafka_storage_error);
    }
    if (options_.on_dir_offline) options_.on_dir_offline(dir.dir->path(), error);
}

void Partitions::start_housekeeping() {
    housekeeping_ = std::thread([this] { run_housekeeping(); });
}

void Partitions::run_housekeeping() {
    pthread_setname_np(pthread_self(), "housekeeping");
    constexpr auto step = std::chrono::seconds(1);
    Instant next_retention = now() + options_.retention_check_interval;
    // At once: recovery has flushed what it read, and the next crash must not make it read that again.
    for (const auto& dir : dirs_) store_checkpoints(*dir);
    Instant next_checkpoint = now() + options_.checkpoint_interval;
    std::unique_lock lock(housekeeping_mutex_);
    while (!housekeeping_wake_.wait_for(lock, step, [this] { return stopping_; })) {
        lock.unlock();
        const Instant time = now();
        if (time >= next_retention) {
            next_retention = time + options_.retention_check_interval;
            apply_retention();
        }
        if (time >= next_checkpoint) {
            next_checkpoint = time + options_.checkpoint_interval;
            for (const auto& dir : dirs_) store_checkpoints(*dir);
        }
        erase_due(time);
        lock.lock();
    }
}

void Partitions::apply_retention() {
    for (const auto& partition : all()) {
        partition->with_log([&](log::PartitionLog& log) {
            log.expire_producers(options_.wall_clock());
            log.release_idle_files();
        });
        auto removed = partition->apply_retention(options_.wall_clock());
        if (!removed) {
            log_log.error("{}: retention failed: {}", text_of(partition->name()), removed.error().message);
            continue;
        }
        if (removed->empty()) continue;
        const Dir* dir = dir_of(*partition);
        if (dir == nullptr) continue;
        log_log.info("{}: {} segments of {} bytes are past retention", text_of(partition->name()),
                       removed->segment_count, removed->bytes);
        // The new log start first: a power cut between two renames must not leave a hole.
        auto stored = store_log_starts(*partition);
        if (stored) stored = removed->rename_to_deleted(storage_);
        if (!stored) {
            log_log.error("{}: {}", text_of(partition->name()), stored.error().message);
            continue;
        }
        const auto delay = std::chrono::milliseconds(partition->settings()->log.file_delete_delay_ms);
        const std::lock_guard lock(housekeeping_mutex_);
        to_erase_.push_back({now() + delay, dir->dir.get(), {}, std::move(*removed)});
    }
}

void Partitions::store_checkpoints(Dir& dir) {
    if (dir.dir->offline()) return;
    const std::lock_guard lock(dir.checkpoint_mutex);
    std::vector<log::CheckpointEntry> recovery;
    std::vector<log::CheckpointEntry> starts;
    std::vector<log::CheckpointEntry> watermarks;
    for (const auto& partition : all()) {
        if (dir_of(*partition) != &dir) continue;
        partition->with_log([&](log::PartitionLog& log) {
            recovery.push_back({partition->name(), log.recovery_point()});
            starts.push_back({partition->name(), log.log_start_offset()});
        });
        watermarks.push_back({partition->name(), partition->high_watermark()});
    }
    // A log that could not be opened keeps its entries: without its recovery point the next start
    // would take damage in flushed records for a torn tail, and cut them off.
    for (const TopicPartition& name : unopened_in(dir)) {
        if (const auto at = dir.dir->recovery_point(name)) recovery.push_back({name, *at});
        if (const auto at = dir.dir->log_start_offset(name)) starts.push_back({name, *at});
        if (const auto at = dir.dir->high_watermark(name)) watermarks.push_back({name, *at});
    }
    auto stored = dir.dir->store_log_start_offsets(starts);
    if (stored) stored = dir.dir->store_recovery_points(recovery);
    if (stored) stored = dir.dir->store_high_watermarks(watermarks);
    if (!stored) log_log.error("{}: checkpoints could not be stored: {}", dir.dir->path(), stored.error().message);
}

void Partitions::erase_due(Instant time) {
    std::vector<PendingErase> due;
    {
        const std::lock_guard lock(housekeeping_mutex_);
        const auto rest = std::ranges::partition(to_erase_, [&](const PendingErase& e) { return e.when > time; });
        due.assign(std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
        to_erase_.erase(rest.begin(), rest.end());
    }
    for (const PendingErase& erase : due) {
        const auto done =
            erase.folder.empty() ? erase.segments.erase(storage_) : erase.dir->erase_directory(erase.folder);
        if (!done) log_log.error("deleted files remain: {}", done.error().message);
    }
}

void Partitions::close(std::int64_t broker_epoch) {
    {
        const std::lock_guard lock(housekeeping_mutex_);
        stopping_ = true;
    }
    housekeeping_wake_.notify_all();
    if (housekeeping_.joinable()) housekeeping_.join();
    for (const auto& dir : dirs_) dir->flusher->stop();

    const auto partitions = all();
    std::vector<std::atomic<bool>> clean(dirs_.size());
    for (auto& flag : clean) flag = true;
    const auto spoil = [&](const Dir* dir) {
        for (std::size_t d = 0; d < dirs_.size(); ++d) {
            if (dirs_[d].get() == dir) clean[d] = false;
        }
    };
    {
        // A log that could not be opened was not closed either: the next start has to look at it again.
        const std::shared_lock lock(mutex_);
        for (const auto& topic : by_name_ | std::views::values) {
            for (const Entry& entry : topic->partitions) {
                if (!entry.partition) spoil(entry.dir);
            }
        }
    }
    workers_.run_all(partitions.size(), [&](std::size_t i) {
        const Dir* dir = dir_of(*partitions[i]);
        if (const auto closed = partitions[i]->close(); !closed) {
            log_log.error("{} was not closed in order: {}", text_of(partitions[i]->name()), closed.error().message);
            spoil(dir);
        }
    });
    for (std::size_t d = 0; d < dirs_.size(); ++d) {
        Dir& dir = *dirs_[d];
        if (dir.dir->offline()) continue;
        store_checkpoints(dir);
        if (!clean[d]) continue;
        if (const auto marked = dir.dir->store_clean_shutdown(broker_epoch); !marked) {
            log_log.error("{}: {}", dir.dir->path(), marked.error().message);
        }
    }
}

}  // namespace mamba::broker
