// Where the cluster's metadata is kept: a small ordered key-value store in the shape of etcd's model.
//
// Every successful commit has the next revision, shared by all keys it writes; a key remembers the
// revisions that created and last changed it. A commit is one atomic comparison and write. Reads look
// at the newest revision or at an older one that has not been compacted. A watch sees every change
// from a revision on, in order, once. A key written under a lease goes when the lease does.
//
// A store blocks (disk or network), so only the metadata service's thread calls it. When commit()
// returns a revision, the change survives a power cut.
// Source: etcd API guarantees and its KV, Watch and Lease services (v3).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/types.h"

namespace mamba::broker {

using Revision = Named<struct RevisionTag, std::int64_t>;  // 0: before the first commit
using LeaseId = Named<struct LeaseIdTag, std::int64_t>;    // 0: no lease
using WatchId = Named<struct WatchIdTag, std::int64_t>;

inline constexpr Revision no_revision{0};
inline constexpr LeaseId no_lease{0};

enum class StoreErrorKind : std::uint8_t {
    busy,           // another process holds the store
    io,             // the disk or network refused
    disk_full,      // no space for the change; nothing was changed
    corrupt,        // the store's content is damaged
    wrong_schema,   // written by a newer version of this program
    compacted,      // the asked revision is no longer kept
    unknown_lease,  // never granted, revoked or expired
};

struct StoreError {
    StoreErrorKind kind = StoreErrorKind::io;
    std::string message;  // what happened, for people
};

struct KeyValue {
    std::string key;
    std::string value;
    Revision created;   // the commit that brought the key into being
    Revision modified;  // the commit that gave it this value

    friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

// Holds when `key` was last changed by commit `modified`; no_revision: when it does not exist.
struct StoreCompare {
    std::string key;
    Revision modified;
};

struct StoreWrite {
    std::string key;
    std::optional<std::string> value;  // nullopt deletes
    LeaseId lease = no_lease;

    friend bool operator==(const StoreWrite&, const StoreWrite&) = default;
};

struct StoreTransaction {
    std::vector<StoreCompare> expected;  // all must hold, or nothing is written
    std::vector<StoreWrite> writes;      // no key twice
};

struct CommitResult {
    bool applied = false;  // false: a comparison failed and nothing was written
    Revision revision;     // of this commit, or the newest one when not applied
};

struct StoreRange {
    std::vector<KeyValue> entries;  // in order of their keys
    Revision revision;              // that was looked at
};

// One key's change; the value is absent when it was deleted.
struct StoreEvent {
    std::string key;
    std::optional<std::string> value;
    Revision revision;

    friend bool operator==(const StoreEvent&, const StoreEvent&) = default;
};

class MetadataStore {
public:
    // Called with the changes of one revision, in order of their keys.
    using OnEvents = std::function<void(const std::vector<StoreEvent>&)>;

    virtual ~MetadataStore() = default;

    virtual std::expected<CommitResult, StoreError> commit(const StoreTransaction& transaction) = 0;

    // All keys that start with `prefix`, as of revision `at` (the newest when absent).
    virtual std::expected<StoreRange, StoreError> range(std::string_view prefix,
                                                        std::optional<Revision> at = {}) = 0;

    // Calls `on_events` for every change of keys under `prefix` from revision `from` on: first, before
    // watch() returns, with what has happened already, then with each commit as it succeeds.
    virtual std::expected<WatchId, StoreError> watch(std::string_view prefix, Revision from,
                                                     OnEvents on_events) = 0;
    virtual void unwatch(WatchId id) = 0;

    // A lease that ends `ttl_ms` after the last sign of life. A store with a clock of its own does
    // not look at `now`.
    virtual std::expected<LeaseId, StoreError> grant_lease(std::int64_t ttl_ms, Timestamp now) = 0;
    virtual std::expected<void, StoreError> keep_alive(LeaseId id, Timestamp now) = 0;
    // Ends a lease and deletes its keys, as one commit.
    virtual std::expected<void, StoreError> revoke_lease(LeaseId id) = 0;
    // Revokes every lease whose time is over.
    virtual std::expected<void, StoreError> expire_leases(Timestamp now) = 0;

    // Forgets what is needed only to read or watch revisions below `keep_from`.
    virtual std::expected<void, StoreError> compact(Revision keep_from) = 0;
};

}  // namespace mamba::broker
