// A file layer in memory, with a durable and a volatile part, for tests of what a power cut, a full
// or a failing disk leave behind.
//
//     write, truncate        change the volatile bytes
//     flush                  copies what is dirty to the durable bytes
//     failed flush           copies a random part of it; the rest counts as clean from then on
//     create, rename, remove wait for flush_directory of their folder
//     power_cut(seed)        each dirty 512-byte sector is old, new or torn; the size old, new or
//                            between; each waiting directory operation happened or did not
//
// A killed process loses nothing: a test just opens the same storage again. For one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "log/storage.h"

namespace mamba::log {

class FakeStorage final : public Storage {
public:
    static constexpr std::int64_t sector_bytes = 512;

    FakeStorage();

    void power_cut(std::uint64_t seed);

    // ---- faults; each stays until it is set anew

    // Bytes that all files together may hold; a write beyond writes what fits.
    void set_capacity(std::int64_t bytes) { capacity_ = bytes; }
    std::int64_t used_bytes() const { return used_; }
    // How many more writes (flushes) succeed before every one fails with EIO.
    void fail_writes_after(std::int64_t count) { writes_left_ = count; }
    void fail_flushes_after(std::int64_t count) { flushes_left_ = count; }
    void heal() { writes_left_ = flushes_left_ = never; }

    // Called before every read, with the file's path; may be empty.
    std::function<void(const std::string&)> on_read;

    std::int64_t writes() const { return writes_; }
    std::int64_t flushes() const { return flushes_; }

    // The bytes as the process sees them, for a test to read or damage; null when there is no file.
    Bytes* content(const std::string& path);
    std::vector<std::string> files() const;
    // Puts a file there, durable.
    void put(const std::string& path, Bytes bytes);

    std::expected<std::shared_ptr<StorageFile>, Error> open(const std::string& path,
                                                            Open how) override;
    std::expected<std::int64_t, Error> file_size(const std::string& path) override;
    bool exists(const std::string& path) override;
    std::expected<void, Error> make_directory(const std::string& path) override;
    std::expected<void, Error> remove(const std::string& path) override;
    std::expected<void, Error> remove_directory(const std::string& path) override;
    std::expected<void, Error> rename(const std::string& from, const std::string& to) override;
    std::expected<std::vector<DirectoryEntry>, Error> list(const std::string& path) override;
    std::expected<void, Error> flush_directory(const std::string& path) override;
    std::expected<void, Error> flush_file_system(const std::string& path) override;
    std::expected<std::int64_t, Error> free_bytes(const std::string& path) override;
    std::expected<std::unique_ptr<StorageLock>, Error> lock(const std::string& path) override;

private:
    friend class FakeFile;
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    struct Inode {
        Bytes now;
        Bytes durable;
        std::int64_t dirty_from = never;  // bytes that a flush would store
        std::int64_t dirty_to = 0;

        void mark(std::int64_t from, std::int64_t to);
        void flush();
        void tear(std::mt19937_64& random);
    };
    using InodePtr = std::shared_ptr<Inode>;  // null: a directory
    using Names = std::map<std::string, InodePtr>;

    // A change of names that its folder has not been flushed since.
    struct Operation {
        std::string parent;
        std::string removed;  // empty: nothing goes
        std::string added;    // empty: nothing comes
        InodePtr inode;

        bool moves_a_folder() const { return !inode && !removed.empty() && !added.empty(); }
    };

    void apply(const Operation& operation);
    void change(Operation operation);
    static void move_folder(Names& names, const std::string& from, const std::string& to);
    bool count_down(std::int64_t& left);

    Names now_;
    Names durable_;
    std::vector<Operation> waiting_;
    std::set<std::string> locks_;
    std::mt19937_64 random_;  // for failed flushes
    std::int64_t capacity_ = never;
    std::int64_t used_ = 0;
    std::int64_t writes_left_ = never;
    std::int64_t flushes_left_ = never;
    std::int64_t writes_ = 0;
    std::int64_t flushes_ = 0;
};

}  // namespace mamba::log
