#include "fake_storage.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

namespace mamba::log {

namespace {

std::unexpected<Error> failure(ErrorKind kind, int code, const std::string& what) {
    return std::unexpected(Error{.kind = kind, .os_error = code, .message = what});
}

// What `name` is called once the folder `from` is called `to`.
std::string moved(const std::string& name, const std::string& from, const std::string& to) {
    const bool inside = name == from || name.starts_with(from + "/");
    return inside ? to + name.substr(from.size()) : name;
}

}  // namespace

void FakeStorage::Inode::mark(std::int64_t from, std::int64_t to) {
    dirty_from = std::min(dirty_from, from);
    dirty_to = std::max(dirty_to, to);
}

void FakeStorage::Inode::flush() {
    if (dirty_from == never) return;
    durable.resize(now.size());
    const auto size = static_cast<std::int64_t>(now.size());
    const std::int64_t from = std::min(dirty_from, size);
    const std::int64_t to = std::min(dirty_to, size);
    std::copy(now.begin() + from, now.begin() + to, durable.begin() + from);
    dirty_from = never;
    dirty_to = 0;
}

// Makes the durable bytes what they might be after power went away.
void FakeStorage::Inode::tear(std::mt19937_64& random) {
    if (dirty_from == never) return;
    const auto old_size = durable.size();
    const auto new_size = now.size();
    std::size_t size = old_size;
    switch (random() % 4) {
        case 0:
            break;
        case 1:
            size = std::min(old_size, new_size) +
                   random() % (1 + (std::max(old_size, new_size) - std::min(old_size, new_size)));
            break;
        default:
            size = new_size;
            break;
    }
    durable.resize(size);
    const auto end = static_cast<std::int64_t>(std::min(size, new_size));
    for (std::int64_t at = dirty_from / sector_bytes * sector_bytes; at < std::min(dirty_to, end);
         at += sector_bytes) {
        const std::int64_t sector_end = std::min(at + sector_bytes, end);
        std::int64_t from = at;
        std::int64_t to = sector_end;
        switch (random() % 8) {
            case 0:
            case 1:
                continue;  // old
            case 2:
                to = at + static_cast<std::int64_t>(random() % sector_bytes);
                break;
            case 3:
                from = at + static_cast<std::int64_t>(random() % sector_bytes);
                break;
            default:
                break;  // new
        }
        to = std::min(to, sector_end);
        if (from < to) std::copy(now.begin() + from, now.begin() + to, durable.begin() + from);
    }
}

class FakeMapping final : public FileMapping {
public:
    explicit FakeMapping(std::shared_ptr<const Bytes> bytes) : bytes_(std::move(bytes)) {}
    const std::byte* data() const noexcept override { return bytes_->data(); }

private:
    std::shared_ptr<const Bytes> bytes_;
};

class FakeFile final : public StorageFile {
public:
    FakeFile(FakeStorage& storage, FakeStorage::InodePtr inode, std::string path)
        : storage_(storage), inode_(std::move(inode)), path_(std::move(path)) {}

    std::expected<std::size_t, Error> read(std::int64_t position,
                                           std::span<std::byte> into) const override {
        if (storage_.on_read) storage_.on_read(path_);
        const auto size = static_cast<std::int64_t>(inode_->now.size());
        if (position >= size) return 0;
        const auto count = std::min(into.size(), static_cast<std::size_t>(size - position));
        std::copy_n(inode_->now.begin() + position, count, into.begin());
        return count;
    }

    std::expected<void, Error> write(std::int64_t position,
                                     std::span<const BytesView> pieces) override {
        ++storage_.writes_;
        const bool broken = !storage_.count_down(storage_.writes_left_);
        for (const BytesView piece : pieces) {
            const auto size = static_cast<std::int64_t>(inode_->now.size());
            auto count = static_cast<std::int64_t>(piece.size());
            if (broken) count /= 2;
            const std::int64_t growth = std::max<std::int64_t>(0, position + count - size);
            const bool full = storage_.used_ + growth > storage_.capacity_;
            if (full)
                count = std::max<std::int64_t>(
                    0, count - (storage_.used_ + growth - storage_.capacity_));
            if (position + count > size) {
                storage_.used_ += position + count - size;
                inode_->now.resize(static_cast<std::size_t>(position + count));
            }
            std::copy_n(piece.begin(), count, inode_->now.begin() + position);
            inode_->mark(std::min(position, size), position + count);
            if (broken) return failure(ErrorKind::io, EIO, "write " + path_);
            if (full) return failure(ErrorKind::disk_full, ENOSPC, "write " + path_);
            position += count;
        }
        return {};
    }

    std::expected<std::int64_t, Error> size() const override {
        return static_cast<std::int64_t>(inode_->now.size());
    }

    std::expected<void, Error> truncate(std::int64_t size) override {
        const auto before = static_cast<std::int64_t>(inode_->now.size());
        inode_->now.resize(static_cast<std::size_t>(size));
        storage_.used_ += size - before;
        inode_->mark(std::min(size, before), std::max(size, before));
        return {};
    }

    std::expected<void, Error> flush() const override {
        ++storage_.flushes_;
        if (!storage_.count_down(storage_.flushes_left_)) {
            inode_->tear(storage_.random_);
            inode_->dirty_from = FakeStorage::never;
            inode_->dirty_to = 0;
            return failure(ErrorKind::io, EIO, "flush " + path_);
        }
        inode_->flush();
        return {};
    }

    std::expected<std::unique_ptr<FileMapping>, Error> map(std::size_t) const override {
        return std::make_unique<FakeMapping>(std::shared_ptr<const Bytes>(inode_, &inode_->now));
    }

    int descriptor() const noexcept override { return -1; }

private:
    FakeStorage& storage_;
    FakeStorage::InodePtr inode_;
    std::string path_;
};

FakeStorage::FakeStorage() {
    now_["/"] = nullptr;
    durable_["/"] = nullptr;
}

bool FakeStorage::count_down(std::int64_t& left) {
    if (left == never) return true;
    if (left == 0) return false;
    --left;
    return true;
}

void FakeStorage::move_folder(Names& names, const std::string& from, const std::string& to) {
    Names after;
    for (auto& [name, inode] : names) after[moved(name, from, to)] = std::move(inode);
    names = std::move(after);
}

void FakeStorage::apply(const Operation& operation) {
    if (operation.moves_a_folder()) return move_folder(durable_, operation.removed, operation.added);
    if (!operation.removed.empty()) durable_.erase(operation.removed);
    if (!operation.added.empty()) durable_[operation.added] = operation.inode;
}

void FakeStorage::change(Operation operation) {
    if (operation.moves_a_folder()) {
        move_folder(now_, operation.removed, operation.added);
    } else {
        if (!operation.removed.empty()) now_.erase(operation.removed);
        if (!operation.added.empty()) now_[operation.added] = operation.inode;
    }
    waiting_.push_back(std::move(operation));
}

void FakeStorage::power_cut(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (const Operation& operation : waiting_) {
        if (random() % 2 == 0) apply(operation);
    }
    waiting_.clear();
    // Names in a folder that is not there are not there either.
    std::erase_if(durable_, [this](const auto& entry) {
        return entry.first != "/" && !durable_.contains(parent_directory(entry.first));
    });
    now_ = durable_;
    locks_.clear();
    used_ = 0;
    for (const auto& [path, inode] : now_) {
        if (!inode) continue;
        inode->tear(random);
        inode->now = inode->durable;
        inode->dirty_from = never;
        inode->dirty_to = 0;
        used_ += static_cast<std::int64_t>(inode->now.size());
    }
}

Bytes* FakeStorage::content(const std::string& path) {
    const auto it = now_.find(path);
    return it == now_.end() || !it->second ? nullptr : &it->second->now;
}

std::vector<std::string> FakeStorage::files() const {
    std::vector<std::string> names;
    for (const auto& [path, inode] : now_) {
        if (inode) names.push_back(path);
    }
    return names;
}

void FakeStorage::put(const std::string& path, Bytes bytes) {
    auto inode = std::make_shared<Inode>();
    inode->durable = bytes;
    inode->now = std::move(bytes);
    used_ += static_cast<std::int64_t>(inode->now.size());
    for (std::string folder = parent_directory(path); !now_.contains(folder);
         folder = parent_directory(folder)) {
        now_[folder] = durable_[folder] = nullptr;
    }
    now_[path] = durable_[path] = inode;
}

std::expected<std::shared_ptr<StorageFile>, Error> FakeStorage::open(const std::string& path,
                                                                     Open how) {
    auto it = now_.find(path);
    if (it == now_.end()) {
        if (how == Open::existing || !now_.contains(parent_directory(path))) {
            return failure(ErrorKind::not_found, ENOENT, "open " + path);
        }
        change({parent_directory(path), {}, path, std::make_shared<Inode>()});
        it = now_.find(path);
    } else if (how == Open::truncate) {
        (void)FakeFile(*this, it->second, path).truncate(0);
    }
    return std::make_shared<FakeFile>(*this, it->second, path);
}

std::expected<std::int64_t, Error> FakeStorage::file_size(const std::string& path) {
    const auto it = now_.find(path);
    if (it == now_.end() || !it->second)
        return failure(ErrorKind::not_found, ENOENT, "stat " + path);
    return static_cast<std::int64_t>(it->second->now.size());
}

bool FakeStorage::exists(const std::string& path) {
    return now_.contains(path);
}

std::expected<void, Error> FakeStorage::make_directory(const std::string& path) {
    if (now_.contains(path)) return {};
    if (auto made = make_directory(parent_directory(path)); !made) return made;
    change({parent_directory(path), {}, path, nullptr});
    return {};
}

std::expected<void, Error> FakeStorage::remove(const std::string& path) {
    const auto it = now_.find(path);
    if (it == now_.end()) return {};
    if (it->second) used_ -= static_cast<std::int64_t>(it->second->now.size());
    change({parent_directory(path), path, {}, nullptr});
    return {};
}

std::expected<void, Error> FakeStorage::remove_directory(const std::string& path) {
    std::vector<std::string> doomed;
    for (const auto& [name, inode] : now_) {
        if (name == path || name.starts_with(path + "/")) doomed.push_back(name);
    }
    for (auto name = doomed.rbegin(); name != doomed.rend(); ++name) {
        if (auto removed = remove(*name); !removed) return removed;
    }
    return {};
}

std::expected<void, Error> FakeStorage::rename(const std::string& from, const std::string& to) {
    const auto it = now_.find(from);
    if (it == now_.end()) return failure(ErrorKind::not_found, ENOENT, "rename " + from);
    if (it->second) {
        if (const auto old = now_.find(to); old != now_.end() && old->second) {
            used_ -= static_cast<std::int64_t>(old->second->now.size());
        }
        change({parent_directory(to), from, to, it->second});
        return {};
    }
    change({parent_directory(to), from, to, nullptr});
    return {};
}

std::expected<std::vector<DirectoryEntry>, Error> FakeStorage::list(const std::string& path) {
    if (!now_.contains(path)) return failure(ErrorKind::not_found, ENOENT, "list " + path);
    std::vector<DirectoryEntry> entries;
    const std::string prefix = path == "/" ? path : path + "/";
    for (auto it = now_.lower_bound(prefix); it != now_.end() && it->first.starts_with(prefix);
         ++it) {
        std::string name = it->first.substr(prefix.size());
        if (name.empty() || name.find('/') != std::string::npos) continue;
        entries.push_back({std::move(name), it->second == nullptr});
    }
    return entries;
}

std::expected<void, Error> FakeStorage::flush_directory(const std::string& path) {
    ++flushes_;
    if (!count_down(flushes_left_)) return failure(ErrorKind::io, EIO, "flush " + path);
    std::vector<Operation> still_waiting;
    for (Operation& operation : std::exchange(waiting_, {})) {
        if (operation.parent != path) {
            still_waiting.push_back(std::move(operation));
            continue;
        }
        apply(operation);
        if (!operation.moves_a_folder()) continue;
        for (Operation& earlier : still_waiting) {  // of names in that folder
            for (std::string* name : {&earlier.parent, &earlier.removed, &earlier.added}) {
                *name = moved(*name, operation.removed, operation.added);
            }
        }
    }
    waiting_ = std::move(still_waiting);
    return {};
}

std::expected<void, Error> FakeStorage::flush_file_system(const std::string& path) {
    ++flushes_;
    if (!count_down(flushes_left_)) return failure(ErrorKind::io, EIO, "flush " + path);
    for (const Operation& operation : waiting_) apply(operation);
    waiting_.clear();
    for (const auto& [name, inode] : now_) {
        if (inode) inode->flush();
    }
    return {};
}

std::expected<std::int64_t, Error> FakeStorage::free_bytes(const std::string&) {
    return capacity_ - used_;
}

std::expected<std::unique_ptr<StorageLock>, Error> FakeStorage::lock(const std::string& path) {
    class Held final : public StorageLock {
    public:
        Held(std::set<std::string>& locks, std::string name)
            : locks_(locks), name_(std::move(name)) {}
        ~Held() override { locks_.erase(name_); }

    private:
        std::set<std::string>& locks_;
        std::string name_;
    };
    if (auto file = open(path, Open::create); !file)
        return std::unexpected(std::move(file.error()));
    if (!locks_.insert(path).second)
        return failure(ErrorKind::io, EWOULDBLOCK, path + " is locked");
    return std::make_unique<Held>(locks_, path);
}

}  // namespace mamba::log
