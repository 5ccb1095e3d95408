// The file layer of the log: everything that log/ asks of the operating system goes through these
// two classes, so that a test can put a fake below it which loses or tears whatever was not
// flushed.
//
// What an implementation must give, and what callers may rely on, is what Linux gives and no more:
//
//     write             is seen by every later read; after a power cut any part of it may be
//     missing or old flush             (fdatasync) after it returned, bytes and size of the file
//     survive a power cut create, rename,   are seen at once; after a power cut only if
//     flush_directory of the folder remove            returned since a failed flush    proves
//     nothing about later ones: the pages count as clean. Never try again
//
// Errors: io, or disk_full for ENOSPC and EDQUOT, not_found for ENOENT; the message names the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "log/error.h"
#include "protocol/types.h"

namespace mamba::log {

// A read-only window on a file from its first byte. It may be longer than the file: bytes past the
// end must not be touched, but those that later writes add can be read through it.
class FileMapping {
public:
    virtual ~FileMapping() = default;
    virtual const std::byte* data() const noexcept = 0;
};

// How a look-up may read.
enum class ReadMode : std::uint8_t {
    may_wait,     // for the disk
    cached_only,  // would_block when it would have to wait
};

// An open file. Safe for use by many threads as far as they touch different bytes.
class StorageFile {
public:
    virtual ~StorageFile() = default;
    StorageFile(const StorageFile&) = delete;
    StorageFile& operator=(const StorageFile&) = delete;

    // Reads until `into` is full or the file ends; returns how many bytes came.
    virtual std::expected<std::size_t, Error> read(std::int64_t position,
                                                   std::span<std::byte> into) const = 0;

    // The same, of what is in memory. Errors: would_block when any of it is not. An implementation
    // that cannot tell may wait.
    virtual std::expected<std::size_t, Error> read_cached(std::int64_t position,
                                                          std::span<std::byte> into) const {
        return read(position, into);
    }

    // Writes the pieces one after the other from `position` on, in as few system calls as there can
    // be. An error may leave any part of them in the file: the caller cuts it off.
    virtual std::expected<void, Error> write(std::int64_t position,
                                             std::span<const BytesView> pieces) = 0;
    std::expected<void, Error> write(std::int64_t position, BytesView bytes) {
        return write(position, std::span<const BytesView>(&bytes, 1));
    }

    virtual std::expected<std::int64_t, Error> size() const = 0;
    virtual std::expected<void, Error> truncate(std::int64_t size) = 0;
    virtual std::expected<void, Error> flush() const = 0;
    virtual std::expected<std::unique_ptr<FileMapping>, Error> map(std::size_t length) const = 0;

    // The file descriptor, for sendfile; -1 when there is none (a fake).
    virtual int descriptor() const noexcept = 0;

protected:
    StorageFile() = default;
};

// Held for as long as this process owns a log dir.
class StorageLock {
public:
    virtual ~StorageLock() = default;
};

struct DirectoryEntry {
    std::string name;
    bool is_directory = false;

    friend auto operator<=>(const DirectoryEntry&, const DirectoryEntry&) = default;
};

class Storage {
public:
    enum class Open : std::uint8_t {
        existing,  // not_found when it is absent
        create,    // made when it is absent, kept as it is otherwise
        truncate,  // made when it is absent, emptied otherwise
    };

    virtual ~Storage() = default;

    virtual std::expected<std::shared_ptr<StorageFile>, Error> open(const std::string& path,
                                                                    Open how) = 0;
    virtual std::expected<std::int64_t, Error> file_size(const std::string& path) = 0;
    virtual bool exists(const std::string& path) = 0;

    virtual std::expected<void, Error> make_directory(
        const std::string& path) = 0;  // fine when it is there
    virtual std::expected<void, Error> remove(
        const std::string& path) = 0;  // a file; fine when it is absent
    virtual std::expected<void, Error> remove_directory(
        const std::string& path) = 0;  // with all that is in it
    virtual std::expected<void, Error> rename(const std::string& from, const std::string& to) = 0;
    virtual std::expected<std::vector<DirectoryEntry>, Error> list(
        const std::string& path) = 0;  // any order

    virtual std::expected<void, Error> flush_directory(
        const std::string& path) = 0;  // its names, not its files
    virtual std::expected<void, Error> flush_file_system(
        const std::string& path) = 0;  // syncfs: all of it
    virtual std::expected<std::int64_t, Error> free_bytes(const std::string& path) = 0;

    // Takes the lock file `path`. An error when another process holds it.
    virtual std::expected<std::unique_ptr<StorageLock>, Error> lock(const std::string& path) = 0;
};

// The whole file. An error when it is longer than `size_max`.
std::expected<Bytes, Error> read_file(Storage& storage, const std::string& path,
                                      std::size_t size_max);

// Puts `bytes` in place of the file's content so that a power cut leaves the old or the new one
// whole: written beside it with `.tmp`, flushed, renamed, the folder flushed.
std::expected<void, Error> replace_file(Storage& storage, const std::string& path, BytesView bytes);

// The folder that `path` lies in; "." when it names none.
std::string parent_directory(std::string_view path);

// The real one.
std::unique_ptr<Storage> posix_storage();

}  // namespace mamba::log
