#include "broker/metadata/metadata_service.h"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include <cassert>

#include "broker/metadata/image_codec.h"

namespace mamba::broker {
namespace {

Refusal refusal_of(const StoreError& error) {
    return {ErrorCode::kafka_storage_error, "The metadata store failed: " + error.message};
}

}  // namespace

MetadataService::MetadataService(std::unique_ptr<MetadataStore> store, Controller controller)
    : store_(std::move(store)), controller_(std::move(controller)) {}

MetadataService::~MetadataService() {
    stop();
}

std::expected<std::unique_ptr<MetadataService>, StoreError> MetadataService::open(
    std::unique_ptr<MetadataStore> store, Controller controller) {
    std::unique_ptr<MetadataService> service(
        new MetadataService(std::move(store), std::move(controller)));
    if (auto loaded = service->load(); !loaded) return std::unexpected(loaded.error());
    return service;
}

std::expected<void, StoreError> MetadataService::load() {
    const auto range = store_->range("");
    if (!range) return std::unexpected(range.error());
    std::vector<Change> changes;
    changes.reserve(range->entries.size());
    for (const KeyValue& entry : range->entries) {
        auto change = decode(entry.key, entry.value);
        if (!change) return std::unexpected(StoreError{StoreErrorKind::corrupt, change.error()});
        changes.push_back(std::move(*change));
        modified_.insert_or_assign(entry.key, entry.modified);
    }
    images_.store(ClusterImage().apply(changes));
    revision_.store(range->revision.value, std::memory_order_release);
    return {};
}

void MetadataService::add_listener(Listener listener) {
    const ClusterImagePtr image = images_.load();
    listener(image, ClusterDelta::between(ClusterImage(), *image));
    listeners_.push_back(std::move(listener));
}

void MetadataService::start() {
    const std::lock_guard lock(mutex_);
    assert(!running_ && !stopping_);
    running_ = true;
    thread_ = std::thread([this] { run_thread(); });
}

void MetadataService::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();

    std::vector<std::unique_ptr<Task>> left;
    {
        const std::lock_guard lock(mutex_);
        running_ = false;
        left.swap(queue_);
    }
    for (const auto& task : left) {
        task->refuse({ErrorCode::broker_not_available, "The broker is shutting down."});
    }
}

void MetadataService::enqueue(std::unique_ptr<Task> task) {
    bool refused = false;
    {
        const std::lock_guard lock(mutex_);
        refused = stopping_ || queue_.size() >= events_waiting_max;
        if (!refused) queue_.push_back(std::move(task));
    }
    if (refused) {
        task->refuse({ErrorCode::broker_not_available,
                      "The broker is shutting down, or too many changes are waiting."});
        return;
    }
    wake_.notify_one();
}

void MetadataService::run_thread() {
    pthread_setname_np(pthread_self(), "metadata");
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (stopping_) return;
        }
        run_pending();
    }
}

std::size_t MetadataService::run_pending() {
    std::vector<std::unique_ptr<Task>> tasks;
    {
        const std::lock_guard lock(mutex_);
        tasks.swap(queue_);
    }
    const std::size_t count = tasks.size();
    for (std::size_t from = 0; from < count; from += events_per_commit_max) {
        const std::size_t size = std::min(events_per_commit_max, count - from);
        carry_out(std::span(tasks).subspan(from, size));
    }
    return count;
}

void MetadataService::carry_out(std::span<const std::unique_ptr<Task>> tasks) {
    const ClusterImagePtr before = images_.load();
    ClusterImagePtr after = before;
    std::vector<Change> changes;
    for (const auto& task : tasks) {
        std::vector<Change> decided = task->decide(controller_, *after);
        if (decided.empty()) continue;
        after = after->apply(decided);
        changes.insert(changes.end(), std::make_move_iterator(decided.begin()),
                       std::make_move_iterator(decided.end()));
    }
    if (!changes.empty()) {
        if (const auto committed = commit(changes); !committed) {
            spdlog::error("metadata: {}; {} change(s) are refused", committed.error().message,
                          changes.size());
            // Decisions that changed nothing may rest on an event of this commit that failed.
            for (const auto& task : tasks) task->refuse(refusal_of(committed.error()));
            return;
        }
        const ClusterDelta delta = ClusterDelta::between(*before, *after);
        for (const Listener& listener : listeners_) listener(after, delta);
        images_.store(after);
    }
    for (const auto& task : tasks) task->answer();
}

std::expected<void, StoreError> MetadataService::commit(std::span<const Change> changes) {
    // A key that several events changed is written once, as the last one left it.
    std::map<std::string, std::optional<std::string>> values;
    for (const Change& change : changes) {
        StoreWrite write = encode(change);
        values.insert_or_assign(std::move(write.key), std::move(write.value));
    }
    StoreTransaction transaction;
    for (auto& [key, value] : values) {
        const auto known = modified_.find(key);
        transaction.expected.push_back(
            {key, known == modified_.end() ? no_revision : known->second});
        transaction.writes.push_back({key, std::move(value)});
    }
    const auto result = store_->commit(transaction);
    if (!result) return std::unexpected(result.error());
    if (!result->applied) {
        return std::unexpected(StoreError{
            StoreErrorKind::io, "another process has changed the metadata since this one read it"});
    }
    revision_.store(result->revision.value, std::memory_order_release);
    for (const StoreWrite& write : transaction.writes) {
        if (write.value) {
            modified_.insert_or_assign(write.key, result->revision);
        } else {
            modified_.erase(write.key);
        }
    }
    if (result->revision - compacted_ >= 2 * revisions_kept) {
        const Revision keep_from = result->revision - revisions_kept;
        if (const auto done = store_->compact(keep_from); !done) {
            spdlog::warn("metadata: old revisions stay in the store: {}", done.error().message);
        }
        compacted_ = keep_from;
    }
    return {};
}

}  // namespace mamba::broker
