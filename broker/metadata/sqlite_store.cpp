#include "broker/metadata/sqlite_store.h"

#include <sqlite3.h>

#include <cassert>
#include <utility>

namespace mamba::broker {
namespace {

constexpr std::int64_t schema_version = 1;

StoreErrorKind kind_of(int code) {
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return StoreErrorKind::busy;
        case SQLITE_FULL:
            return StoreErrorKind::disk_full;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return StoreErrorKind::corrupt;
        default:
            return StoreErrorKind::io;
    }
}

// One prepared statement in use: bound, stepped, and reset when it goes.
class Query {
public:
    explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
    ~Query() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    // Bound texts are read by step() and must live until then.
    Query& bind(std::string_view text) {
        sqlite3_bind_blob64(statement_, ++bound_, text.data() == nullptr ? "" : text.data(),
                            text.size(), SQLITE_STATIC);
        return *this;
    }
    Query& bind(std::int64_t number) {
        sqlite3_bind_int64(statement_, ++bound_, number);
        return *this;
    }
    Query& bind(const std::optional<std::string>& text) {
        if (text) return bind(std::string_view(*text));
        sqlite3_bind_null(statement_, ++bound_);
        return *this;
    }
    // SQLITE_ROW, SQLITE_DONE, or an error.
    int step() { return sqlite3_step(statement_); }

    std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
    bool is_null(int column) const {
        return sqlite3_column_type(statement_, column) == SQLITE_NULL;
    }
    std::string text(int column) const {
        const void* data = sqlite3_column_blob(statement_, column);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
        return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
    }

private:
    sqlite3_stmt* statement_;
    int bound_ = 0;
};

constexpr const char* schema =
    "CREATE TABLE IF NOT EXISTS change("
    "  key BLOB NOT NULL, revision INTEGER NOT NULL, value BLOB, created INTEGER NOT NULL,"
    "  lease INTEGER NOT NULL, PRIMARY KEY(key, revision)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS change_by_revision ON change(revision);"
    "CREATE INDEX IF NOT EXISTS change_by_lease ON change(lease) WHERE lease <> 0;"
    "CREATE TABLE IF NOT EXISTS lease("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, ttl_ms INTEGER NOT NULL, ends_at INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS state(name TEXT PRIMARY KEY, value INTEGER NOT NULL);"
    "INSERT OR IGNORE INTO state VALUES('schema', 1), ('newest', 0), ('compacted', 0);";

}  // namespace

// The connection and its prepared statements.
struct SqliteStore::Database {
    sqlite3* handle = nullptr;
    std::map<const char*, sqlite3_stmt*> statements;  // by the address of their literal

    Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() {
        for (const auto& [sql, statement] : statements) sqlite3_finalize(statement);
        sqlite3_close(handle);
    }

    StoreError error(std::string_view doing) const {
        const int code = handle == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(handle);
        std::string message(doing);
        message += ": ";
        message += handle == nullptr ? "out of memory" : sqlite3_errmsg(handle);
        return {kind_of(code), std::move(message)};
    }
    std::expected<void, StoreError> execute(const char* sql, std::string_view doing) {
        if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
            return std::unexpected(error(doing));
        return {};
    }
    // Null when it cannot be prepared, which error() then explains.
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt*& statement = statements[sql];
        if (statement == nullptr) {
            sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        }
        return statement;
    }
    // Runs a statement that gives no rows.
    template <class... Values>
    std::expected<void, StoreError> run(const char* sql, std::string_view doing,
                                        const Values&... values) {
        sqlite3_stmt* statement = prepare(sql);
        if (statement == nullptr) return std::unexpected(error(doing));
        Query query(statement);
        (query.bind(values), ...);
        if (query.step() != SQLITE_DONE) return std::unexpected(error(doing));
        return {};
    }
    // Calls `on_row(query)` for each row.
    template <class OnRow, class... Values>
    std::expected<void, StoreError> each(const char* sql, std::string_view doing, OnRow on_row,
                                         const Values&... values) {
        sqlite3_stmt* statement = prepare(sql);
        if (statement == nullptr) return std::unexpected(error(doing));
        Query query(statement);
        (query.bind(values), ...);
        int code = query.step();
        for (; code == SQLITE_ROW; code = query.step()) on_row(query);
        if (code != SQLITE_DONE) return std::unexpected(error(doing));
        return {};
    }
};

namespace {

// The smallest text above every text that starts with `prefix`; nullopt when there is none.
std::optional<std::string> end_of(std::string_view prefix) {
    std::string end(prefix);
    while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
    if (end.empty()) return std::nullopt;
    end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
    return end;
}

// A transaction that is undone unless it is committed.
template <class Database>
class Undoing {
public:
    explicit Undoing(Database& database) : database_(database) {}
    ~Undoing() {
        // Nothing to do about a failure: SQLite has then rolled back already.
        if (!done_ && !sqlite3_get_autocommit(database_.handle)) {
            static_cast<void>(database_.execute("ROLLBACK", "undoing"));
        }
    }
    Undoing(const Undoing&) = delete;
    Undoing& operator=(const Undoing&) = delete;

    std::expected<void, StoreError> commit() {
        auto result = database_.execute("COMMIT", "committing");
        done_ = result.has_value();
        return result;
    }

private:
    Database& database_;
    bool done_ = false;
};

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
SqliteStore::~SqliteStore() = default;

std::expected<std::unique_ptr<SqliteStore>, StoreError> SqliteStore::open(
    const std::filesystem::path& file) {
    auto database = std::make_unique<Database>();
    const std::string doing = "opening " + file.string();
    if (sqlite3_open_v2(file.c_str(), &database->handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                            SQLITE_OPEN_EXRESCODE,
                        nullptr) != SQLITE_OK) {
        return std::unexpected(database->error(doing));
    }
    // With the exclusive locking mode, the write-ahead log needs no shared memory file, and the
    // lock taken by the first transaction stays until the file is closed.
    const auto set_up = database->execute(
        "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "PRAGMA foreign_keys=OFF; BEGIN IMMEDIATE; COMMIT;",
        doing);
    if (!set_up) return std::unexpected(set_up.error());

    std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(database)));
    Database& db = *store->database_;
    if (const auto made = db.execute(schema, doing); !made) return std::unexpected(made.error());
    std::int64_t found_schema = 0;
    const auto read = db.each("SELECT name, value FROM state", doing, [&](const Query& row) {
        const std::string name = row.text(0);
        if (name == "schema") found_schema = row.number(1);
        if (name == "newest") store->newest_ = Revision(row.number(1));
        if (name == "compacted") store->compacted_ = Revision(row.number(1));
    });
    if (!read) return std::unexpected(read.error());
    if (found_schema != schema_version) {
        return std::unexpected(
            StoreError{StoreErrorKind::wrong_schema,
                       file.string() + " has schema version " + std::to_string(found_schema) +
                           ", this program knows " + std::to_string(schema_version)});
    }
    return store;
}

std::expected<CommitResult, StoreError> SqliteStore::commit(const StoreTransaction& transaction) {
    constexpr std::string_view doing = "writing metadata";
    constexpr const char* find_last =
        "SELECT revision, created, value IS NULL FROM change WHERE key = ?"
        " ORDER BY revision DESC LIMIT 1";
    struct Last {
        Revision modified;
        Revision created;
    };
    // When and whether the key exists now; revision 0 when it does not.
    const auto last_of = [&](const std::string& key) -> std::expected<Last, StoreError> {
        Last last;
        const auto read = database_->each(
            find_last, doing,
            [&](const Query& row) {
                if (row.number(2) == 0) last = {Revision(row.number(0)), Revision(row.number(1))};
            },
            std::string_view(key));
        if (!read) return std::unexpected(read.error());
        return last;
    };

    if (auto begun = database_->execute("BEGIN IMMEDIATE", doing); !begun)
        return std::unexpected(begun.error());
    Undoing undoing(*database_);
    for (const StoreCompare& compare : transaction.expected) {
        const auto last = last_of(compare.key);
        if (!last) return std::unexpected(last.error());
        if (last->modified != compare.modified) return CommitResult{false, newest_};
    }

    const Revision revision = newest_ + std::int64_t{1};
    std::map<std::string, StoreEvent> events;
    for (const StoreWrite& write : transaction.writes) {
        if (write.lease != no_lease) {
            bool known = false;
            const auto read = database_->each(
                "SELECT 1 FROM lease WHERE id = ?", doing, [&](const Query&) { known = true; },
                write.lease.value);
            if (!read) return std::unexpected(read.error());
            if (!known) {
                return std::unexpected(
                    StoreError{StoreErrorKind::unknown_lease,
                               "lease " + std::to_string(write.lease.value) + " does not exist"});
            }
        }
        const auto last = last_of(write.key);
        if (!last) return std::unexpected(last.error());
        const bool existed = last->modified != no_revision;
        if (!existed && !write.value) continue;  // deleting nothing changes nothing
        const std::int64_t created = existed ? last->created.value : revision.value;
        const auto written = database_->run(
            "INSERT INTO change(key, revision, value, created, lease) VALUES(?, ?, ?, ?, ?)", doing,
            std::string_view(write.key), revision.value, write.value, created, write.lease.value);
        if (!written) return std::unexpected(written.error());
        events.insert_or_assign(write.key, StoreEvent{write.key, write.value, revision});
    }
    if (events.empty()) return CommitResult{true, newest_};
    if (auto noted = database_->run("UPDATE state SET value = ? WHERE name = 'newest'", doing,
                                    revision.value);
        !noted) {
        return std::unexpected(noted.error());
    }
    if (auto committed = undoing.commit(); !committed) return std::unexpected(committed.error());

    newest_ = revision;
    std::vector<StoreEvent> in_order;
    for (auto& [key, event] : events) in_order.push_back(std::move(event));
    tell_watches(in_order);
    return CommitResult{true, revision};
}

std::expected<StoreRange, StoreError> SqliteStore::range(std::string_view prefix,
                                                         std::optional<Revision> at) {
    const Revision revision = at.value_or(newest_);
    if (revision < compacted_) {
        return std::unexpected(
            StoreError{StoreErrorKind::compacted,
                       "revision " + std::to_string(revision.value) + " is no longer kept"});
    }
    // Of each key its last version at or below `revision`; max() makes SQLite take the other
    // columns from that same row.
    constexpr const char* bounded =
        "SELECT key, value, created, max(revision) FROM change"
        " WHERE revision <= ? AND key >= ? AND key < ? GROUP BY key ORDER BY key";
    constexpr const char* open_ended =
        "SELECT key, value, created, max(revision) FROM change"
        " WHERE revision <= ? AND key >= ? GROUP BY key ORDER BY key";
    StoreRange result{{}, std::min(revision, newest_)};
    const auto add = [&](const Query& row) {
        if (row.is_null(1)) return;
        result.entries.push_back(
            {row.text(0), row.text(1), Revision(row.number(2)), Revision(row.number(3))});
    };
    const auto end = end_of(prefix);
    const auto read =
        end ? database_->each(bounded, "reading metadata", add, revision.value, prefix,
                              std::string_view(*end))
            : database_->each(open_ended, "reading metadata", add, revision.value, prefix);
    if (!read) return std::unexpected(read.error());
    return result;
}

std::expected<WatchId, StoreError> SqliteStore::watch(std::string_view prefix, Revision from,
                                                      OnEvents on_events) {
    // What happened in or before the compacted revision is known only in sum.
    if (from <= compacted_ && compacted_ != no_revision) {
        return std::unexpected(
            StoreError{StoreErrorKind::compacted, "changes up to revision " +
                                                      std::to_string(compacted_.value) +
                                                      " are no longer kept one by one"});
    }
    std::vector<StoreEvent> past;
    const auto read = database_->each(
        "SELECT key, value, revision FROM change WHERE revision >= ? ORDER BY revision, key",
        "reading metadata",
        [&](const Query& row) {
            StoreEvent event{row.text(0), std::nullopt, Revision(row.number(2))};
            if (!row.is_null(1)) event.value = row.text(1);
            if (event.key.starts_with(prefix)) past.push_back(std::move(event));
        },
        from.value);
    if (!read) return std::unexpected(read.error());
    for (auto first = past.begin(); first != past.end();) {
        auto last = first;
        while (last != past.end() && last->revision == first->revision) ++last;
        on_events(std::vector<StoreEvent>(first, last));
        first = last;
    }
    const WatchId id(next_watch_++);
    watches_.emplace(id, Watch{std::string(prefix), std::move(on_events)});
    return id;
}

void SqliteStore::unwatch(WatchId id) {
    watches_.erase(id);
}

void SqliteStore::tell_watches(const std::vector<StoreEvent>& events) {
    for (const auto& [id, watch] : watches_) {
        std::vector<StoreEvent> wanted;
        for (const StoreEvent& event : events) {
            if (event.key.starts_with(watch.prefix)) wanted.push_back(event);
        }
        if (!wanted.empty()) watch.on_events(wanted);
    }
}

std::expected<LeaseId, StoreError> SqliteStore::grant_lease(std::int64_t ttl_ms, Timestamp now) {
    const auto granted = database_->run("INSERT INTO lease(ttl_ms, ends_at) VALUES(?, ?)",
                                        "granting a lease", ttl_ms, now.value + ttl_ms);
    if (!granted) return std::unexpected(granted.error());
    return LeaseId(sqlite3_last_insert_rowid(database_->handle));
}

std::expected<void, StoreError> SqliteStore::keep_alive(LeaseId id, Timestamp now) {
    const auto kept = database_->run("UPDATE lease SET ends_at = ? + ttl_ms WHERE id = ?",
                                     "keeping a lease", now.value, id.value);
    if (!kept) return kept;
    if (sqlite3_changes(database_->handle) == 0) {
        return std::unexpected(StoreError{StoreErrorKind::unknown_lease,
                                          "lease " + std::to_string(id.value) + " does not exist"});
    }
    return {};
}

std::expected<void, StoreError> SqliteStore::revoke_lease(LeaseId id) {
    // The keys whose last version is held by the lease.
    StoreTransaction deletion;
    const auto read = database_->each(
        "SELECT key FROM change AS held WHERE lease = ? AND value IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM change AS later WHERE later.key = held.key"
        "  AND later.revision > held.revision)",
        "ending a lease", [&](const Query& row) { deletion.writes.push_back({row.text(0), {}}); },
        id.value);
    if (!read) return read;
    if (!deletion.writes.empty()) {
        if (const auto deleted = commit(deletion); !deleted)
            return std::unexpected(deleted.error());
    }
    const auto ended = database_->run("DELETE FROM lease WHERE id = ?", "ending a lease", id.value);
    if (!ended) return ended;
    if (sqlite3_changes(database_->handle) == 0) {
        return std::unexpected(StoreError{StoreErrorKind::unknown_lease,
                                          "lease " + std::to_string(id.value) + " does not exist"});
    }
    return {};
}

std::expected<void, StoreError> SqliteStore::expire_leases(Timestamp now) {
    std::vector<LeaseId> over;
    const auto read = database_->each(
        "SELECT id FROM lease WHERE ends_at <= ? ORDER BY id", "expiring leases",
        [&](const Query& row) { over.push_back(LeaseId(row.number(0))); }, now.value);
    if (!read) return read;
    for (const LeaseId id : over) {
        if (auto revoked = revoke_lease(id); !revoked) return revoked;
    }
    return {};
}

std::expected<void, StoreError> SqliteStore::compact(Revision keep_from) {
    constexpr std::string_view doing = "compacting metadata";
    const Revision to = std::min(keep_from, newest_);
    if (to <= compacted_) return {};
    if (auto begun = database_->execute("BEGIN IMMEDIATE", doing); !begun) return begun;
    Undoing undoing(*database_);
    // A version goes when a later one at or below `to` replaces it, and a deletion that old itself.
    auto done = database_->run(
        "DELETE FROM change WHERE revision <= ?1 AND EXISTS (SELECT 1 FROM change AS later"
        " WHERE later.key = change.key AND later.revision > change.revision"
        " AND later.revision <= ?1)",
        doing, to.value);
    if (done) {
        done = database_->run("DELETE FROM change WHERE revision <= ? AND value IS NULL", doing,
                              to.value);
    }
    if (done) {
        done =
            database_->run("UPDATE state SET value = ? WHERE name = 'compacted'", doing, to.value);
    }
    if (done) done = undoing.commit();
    if (done) compacted_ = to;
    return done;
}

}  // namespace mamba::broker
