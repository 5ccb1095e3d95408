// A metadata store in memory: the same contract as the embedded one, and failures on request.
#pragma once

#include <map>
#include <optional>

#include "broker/metadata/metadata_store.h"

namespace mamba::broker {

class MemoryStore final : public MetadataStore {
public:
    // The next commits fail with this, until it is taken away.
    std::optional<StoreError> failure;
    int commits = 0;  // that have written something

    std::expected<CommitResult, StoreError> commit(const StoreTransaction& transaction) override {
        if (failure) return std::unexpected(*failure);
        for (const auto& compare : transaction.expected) {
            const KeyValue* now = current(compare.key);
            if ((now == nullptr ? no_revision : now->modified) != compare.modified)
                return CommitResult{false, newest_};
        }
        for (const auto& write : transaction.writes) {
            if (write.lease != no_lease && !leases_.contains(write.lease))
                return std::unexpected(StoreError{StoreErrorKind::unknown_lease, "no such lease"});
        }
        const Revision revision = newest_ + std::int64_t{1};
        std::map<std::string, StoreEvent> events;
        for (const auto& write : transaction.writes) {
            const KeyValue* now = current(write.key);
            if (now == nullptr && !write.value) continue;
            const Revision created = now == nullptr ? revision : now->created;
            history_[write.key].push_back({revision, created, write.value, write.lease});
            events.insert_or_assign(write.key, StoreEvent{write.key, write.value, revision});
        }
        if (events.empty()) return CommitResult{true, newest_};
        newest_ = revision;
        ++commits;
        std::vector<StoreEvent> all;
        for (auto& [key, event] : events) all.push_back(event);
        for (const auto& [id, watch] : watches_) tell(watch, all);
        return CommitResult{true, revision};
    }

    std::expected<StoreRange, StoreError> range(std::string_view prefix,
                                                std::optional<Revision> at = {}) override {
        const Revision revision = std::min(at.value_or(newest_), newest_);
        if (revision < compacted_)
            return std::unexpected(StoreError{StoreErrorKind::compacted, "no longer kept"});
        StoreRange result{{}, revision};
        for (const auto& [key, versions] : history_) {
            if (!key.starts_with(prefix)) continue;
            const Version* last = nullptr;
            for (const auto& version : versions) {
                if (version.revision <= revision) last = &version;
            }
            if (last != nullptr && last->value)
                result.entries.push_back({key, *last->value, last->created, last->revision});
        }
        return result;
    }

    std::expected<WatchId, StoreError> watch(std::string_view prefix, Revision from,
                                             OnEvents on_events) override {
        if (from <= compacted_ && compacted_ != no_revision)
            return std::unexpected(StoreError{StoreErrorKind::compacted, "no longer kept"});
        std::map<Revision, std::vector<StoreEvent>> past;
        for (const auto& [key, versions] : history_) {
            for (const auto& version : versions) {
                if (version.revision >= from)
                    past[version.revision].push_back({key, version.value, version.revision});
            }
        }
        const Watch watch{std::string(prefix), std::move(on_events)};
        for (const auto& [revision, events] : past) tell(watch, events);
        const WatchId id(++last_id_);
        watches_.emplace(id, watch);
        return id;
    }
    void unwatch(WatchId id) override { watches_.erase(id); }

    std::expected<LeaseId, StoreError> grant_lease(std::int64_t ttl_ms, Timestamp now) override {
        const LeaseId id(++last_id_);
        leases_[id] = {ttl_ms, now + ttl_ms};
        return id;
    }
    std::expected<void, StoreError> keep_alive(LeaseId id, Timestamp now) override {
        const auto at = leases_.find(id);
        if (at == leases_.end())
            return std::unexpected(StoreError{StoreErrorKind::unknown_lease, "no such lease"});
        at->second.ends_at = now + at->second.ttl_ms;
        return {};
    }
    std::expected<void, StoreError> revoke_lease(LeaseId id) override {
        if (!leases_.contains(id))
            return std::unexpected(StoreError{StoreErrorKind::unknown_lease, "no such lease"});
        StoreTransaction deletion;
        for (const auto& [key, versions] : history_) {
            if (!versions.empty() && versions.back().value && versions.back().lease == id)
                deletion.writes.push_back({key, std::nullopt});
        }
        if (const auto deleted = commit(deletion); !deleted)
            return std::unexpected(deleted.error());
        leases_.erase(id);
        return {};
    }
    std::expected<void, StoreError> expire_leases(Timestamp now) override {
        std::vector<LeaseId> over;
        for (const auto& [id, lease] : leases_) {
            if (lease.ends_at <= now) over.push_back(id);
        }
        for (const LeaseId id : over) {
            if (auto revoked = revoke_lease(id); !revoked) return revoked;
        }
        return {};
    }

    std::expected<void, StoreError> compact(Revision keep_from) override {
        compacted_ = std::max(compacted_, std::min(keep_from, newest_));
        for (auto& [key, versions] : history_) {
            while (versions.size() > 1 && versions[1].revision <= compacted_)
                versions.erase(versions.begin());
            if (versions.size() == 1 && versions[0].revision <= compacted_ && !versions[0].value)
                versions.clear();
        }
        return {};
    }

private:
    struct Version {
        Revision revision;
        Revision created;
        std::optional<std::string> value;
        LeaseId lease;
    };
    struct Lease {
        std::int64_t ttl_ms = 0;
        Timestamp ends_at;
    };
    struct Watch {
        std::string prefix;
        OnEvents on_events;
    };

    const KeyValue* current(const std::string& key) {
        const auto at = history_.find(key);
        if (at == history_.end() || at->second.empty() || !at->second.back().value) return nullptr;
        const Version& last = at->second.back();
        current_ = {key, *last.value, last.created, last.revision};
        return &current_;
    }
    static void tell(const Watch& watch, const std::vector<StoreEvent>& events) {
        std::vector<StoreEvent> wanted;
        for (const auto& event : events) {
            if (event.key.starts_with(watch.prefix)) wanted.push_back(event);
        }
        if (!wanted.empty()) watch.on_events(wanted);
    }

    std::map<std::string, std::vector<Version>> history_;
    std::map<LeaseId, Lease> leases_;
    std::map<WatchId, Watch> watches_;
    KeyValue current_;
    Revision newest_;
    Revision compacted_;
    std::int64_t last_id_ = 0;
};

}  // namespace mamba::broker
