// The embedded metadata store: one SQLite file, for a node that needs no other process.
//
//     change(revision, key, value, lease, created)   every kept version of every key; value NULL: deleted
//     lease(id, ttl_ms, ends_at)
//     state(name, value)                             schema version, newest and compacted revision
//
// A commit is one SQLite transaction with synchronous=FULL, so it survives a power cut. The file is
// locked for this process alone: a second broker on the same folder is told `busy`. After a commit
// that failed the store is as it was before it.
#pragma once

#include <filesystem>
#include <map>
#include <memory>

#include "broker/metadata/metadata_store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace mamba::broker {

class SqliteStore final : public MetadataStore {
public:
    // Opens the file, or makes it. Errors: busy, corrupt, wrong_schema, io, disk_full.
    static std::expected<std::unique_ptr<SqliteStore>, StoreError> open(
        const std::filesystem::path& file);
    ~SqliteStore() override;
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;

    std::expected<CommitResult, StoreError> commit(const StoreTransaction& transaction) override;
    std::expected<StoreRange, StoreError> range(std::string_view prefix,
                                                std::optional<Revision> at = {}) override;
    std::expected<WatchId, StoreError> watch(std::string_view prefix, Revision from,
                                             OnEvents on_events) override;
    void unwatch(WatchId id) override;
    std::expected<LeaseId, StoreError> grant_lease(std::int64_t ttl_ms, Timestamp now) override;
    std::expected<void, StoreError> keep_alive(LeaseId id, Timestamp now) override;
    std::expected<void, StoreError> revoke_lease(LeaseId id) override;
    std::expected<void, StoreError> expire_leases(Timestamp now) override;
    std::expected<void, StoreError> compact(Revision keep_from) override;

private:
    struct Database;
    struct Watch {
        std::string prefix;
        OnEvents on_events;
    };

    explicit SqliteStore(std::unique_ptr<Database> database);
    void tell_watches(const std::vector<StoreEvent>& events);

    std::unique_ptr<Database> database_;
    Revision newest_;
    Revision compacted_;
    std::int64_t next_watch_ = 1;
    std::map<WatchId, Watch> watches_;
};

}  // namespace mamba::broker
