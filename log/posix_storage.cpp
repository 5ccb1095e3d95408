// The file layer on Linux. Every call is the system call of its name and the error that it gave.
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "log/storage.h"

namespace mamba::log {

namespace {

Error system_error(int code, std::string_view what, const std::string& path) {
    Error error;
    error.kind = code == ENOSPC || code == EDQUOT ? ErrorKind::disk_full
                 : code == ENOENT                 ? ErrorKind::not_found
                                                  : ErrorKind::io;
    error.os_error = code;
    error.message = std::string(what) + " " + path + ": " + std::system_category().message(code);
    return error;
}

std::unexpected<Error> failed(std::string_view what, const std::string& path) {
    return std::unexpected(system_error(errno, what, path));
}

// Closes on the way out.
class Descriptor {
public:
    explicit Descriptor(int fd) noexcept : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

class PosixMapping final : public FileMapping {
public:
    PosixMapping(void* at, std::size_t length) noexcept : at_(at), length_(length) {}
    ~PosixMapping() override { ::munmap(at_, length_); }
    PosixMapping(const PosixMapping&) = delete;
    PosixMapping& operator=(const PosixMapping&) = delete;
    const std::byte* data() const noexcept override { return static_cast<const std::byte*>(at_); }

private:
    void* at_;
    std::size_t length_;
};

class PosixFile final : public StorageFile {
public:
    PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

    std::expected<std::size_t, Error> read(std::int64_t position,
                                           std::span<std::byte> into) const override {
        return read_with(0, position, into);
    }

    std::expected<std::size_t, Error> read_cached(std::int64_t position,
                                                  std::span<std::byte> into) const override {
        return read_with(RWF_NOWAIT, position, into);
    }

    std::expected<void, Error> write(std::int64_t position,
                                     std::span<const BytesView> pieces) override {
        constexpr std::size_t vectors_max = 128;  // per call; the kernel takes IOV_MAX = 1024
        static_assert(vectors_max <= IOV_MAX);
        iovec vectors[vectors_max];
        std::size_t skip = 0;  // bytes of the first piece that are written already
        while (!pieces.empty()) {
            const std::size_t count = std::min(pieces.size(), vectors_max);
            for (std::size_t i = 0; i < count; ++i) {
                const BytesView piece = i == 0 ? pieces[0].subspan(skip) : pieces[i];
                vectors[i].iov_base = const_cast<std::byte*>(piece.data());
                vectors[i].iov_len = piece.size();
            }
            const ssize_t wrote = ::pwritev(fd_.get(), vectors, static_cast<int>(count), position);
            if (wrote < 0) {
                if (errno == EINTR) continue;
                return failed("write", path_);
            }
            position += wrote;
            auto left = static_cast<std::size_t>(wrote) + skip;
            // A short write says nothing of its reason; the next call does, or goes on.
            if (wrote == 0 && left == skip && !pieces.front().empty()) {
                errno = EIO;
                return failed("write", path_);
            }
            while (!pieces.empty() && left >= pieces.front().size()) {
                left -= pieces.front().size();
                pieces = pieces.subspan(1);
            }
            skip = left;
        }
        return {};
    }

    std::expected<std::int64_t, Error> size() const override {
        struct stat status{};
        if (::fstat(fd_.get(), &status) != 0) return failed("stat", path_);
        return status.st_size;
    }

    std::expected<void, Error> truncate(std::int64_t size) override {
        if (::ftruncate(fd_.get(), size) != 0) return failed("truncate", path_);
        return {};
    }

    std::expected<void, Error> flush() const override {
        if (::fdatasync(fd_.get()) != 0) return failed("flush", path_);
        return {};
    }

    std::expected<std::unique_ptr<FileMapping>, Error> map(std::size_t length) const override {
        void* at = ::mmap(nullptr, length, PROT_READ, MAP_SHARED, fd_.get(), 0);
        if (at == MAP_FAILED) return failed("map", path_);
        return std::make_unique<PosixMapping>(at, length);
    }

    int descriptor() const noexcept override { return fd_.get(); }

private:
    std::expected<std::size_t, Error> read_with(int flags, std::int64_t position,
                                                std::span<std::byte> into) const {
        std::size_t done = 0;
        while (done < into.size()) {
            const iovec part{into.data() + done, into.size() - done};
            const ssize_t got =
                ::preadv2(fd_.get(), &part, 1, position + static_cast<std::int64_t>(done), flags);
            if (got == 0) break;
            if (got < 0) {
                if (errno == EINTR) continue;
                // A file system that cannot tell may have to wait as well.
                if (flags != 0 && (errno == EAGAIN || errno == EOPNOTSUPP))
                    return std::unexpected(would_block());
                return failed("read", path_);
            }
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    Descriptor fd_;
    std::string path_;
};

// The lock goes with the descriptor, however the process ends.
class PosixLock final : public StorageLock {
public:
    explicit PosixLock(int fd) noexcept : fd_(fd) {}

private:
    Descriptor fd_;
};

class PosixStorage final : public Storage {
public:
    std::expected<std::shared_ptr<StorageFile>, Error> open(const std::string& path,
                                                            Open how) override {
        const int flags = O_RDWR | O_CLOEXEC | (how == Open::existing ? 0 : O_CREAT) |
                          (how == Open::truncate ? O_TRUNC : 0);
        const int fd = ::open(path.c_str(), flags, 0644);
        if (fd < 0) return failed("open", path);
        return std::make_shared<PosixFile>(fd, path);
    }

    std::expected<std::int64_t, Error> file_size(const std::string& path) override {
        struct stat status{};
        if (::stat(path.c_str(), &status) != 0) return failed("stat", path);
        return status.st_size;
    }

    bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

    std::expected<void, Error> make_directory(const std::string& path) override {
        std::error_code error;
        std::filesystem::create_directories(path, error);
        if (error) return std::unexpected(system_error(error.value(), "create", path));
        return {};
    }

    std::expected<void, Error> remove(const std::string& path) override {
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("remove", path);
        return {};
    }

    std::expected<void, Error> remove_directory(const std::string& path) override {
        std::error_code error;
        std::filesystem::remove_all(path, error);
        if (error) return std::unexpected(system_error(error.value(), "remove", path));
        return {};
    }

    std::expected<void, Error> rename(const std::string& from, const std::string& to) override {
        if (std::rename(from.c_str(), to.c_str()) != 0) return failed("rename", from);
        return {};
    }

    std::expected<std::vector<DirectoryEntry>, Error> list(const std::string& path) override {
        const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
        if (!directory) return failed("list", path);
        std::vector<DirectoryEntry> entries;
        errno = 0;
        while (const dirent* found = ::readdir(directory.get())) {
            DirectoryEntry entry{.name = found->d_name, .is_directory = found->d_type == DT_DIR};
            if (entry.name == "." || entry.name == "..") continue;
            if (found->d_type == DT_UNKNOWN || found->d_type == DT_LNK) {
                struct stat status{};
                if (::stat((path + "/" + entry.name).c_str(), &status) != 0)
                    continue;  // it just went
                entry.is_directory = S_ISDIR(status.st_mode);
            }
            entries.push_back(std::move(entry));
        }
        if (errno != 0) return failed("list", path);
        return entries;
    }

    std::expected<void, Error> flush_directory(const std::string& path) override {
        const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (directory.get() < 0) return failed("open", path);
        if (::fsync(directory.get()) != 0) return failed("flush", path);
        return {};
    }

    std::expected<void, Error> flush_file_system(const std::string& path) override {
        const Descriptor any(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (any.get() < 0) return failed("open", path);
        if (::syncfs(any.get()) != 0) return failed("flush the file system of", path);
        return {};
    }

    std::expected<std::int64_t, Error> free_bytes(const std::string& path) override {
        struct statvfs status{};
        if (::statvfs(path.c_str(), &status) != 0) return failed("stat", path);
        return static_cast<std::int64_t>(status.f_bavail) *
               static_cast<std::int64_t>(status.f_frsize);
    }

    std::expected<std::unique_ptr<StorageLock>, Error> lock(const std::string& path) override {
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0) return failed("open", path);
        auto held = std::make_unique<PosixLock>(fd);
        if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK) return failed("lock", path);
            Error error = system_error(errno, "lock", path);
            error.message = path + " is locked: another process uses this folder";
            return std::unexpected(std::move(error));
        }
        return held;
    }
};

}  // namespace

std::unique_ptr<Storage> posix_storage() {
    return std::make_unique<PosixStorage>();
}

}  // namespace mamba::log
