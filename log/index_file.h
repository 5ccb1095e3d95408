// A file of entries of one size, appended to by write() and read through a mapping.
//
// Kafka stores into the mapping of a preallocated sparse file. Here the file only ever holds whole
// entries: a store into a sparse mapping of a full disk is a SIGBUS, a write() is an error value; and
// a crash leaves no run of zeros behind. The mapping is as long as the file may become, so it is made
// once; Linux lets it see what is appended later.
//
// Nothing is opened before it is needed: an index that is never read costs no descriptor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>

#include "log/error.h"
#include "log/storage.h"

namespace mamba::log {

class IndexFile {
public:
    // `entries` are known to be in the file (from its size); the file is opened later.
    IndexFile(std::size_t entry_bytes, std::int32_t entries) noexcept
        : entry_bytes_(entry_bytes), entries_(entries) {}

    std::int32_t entries() const noexcept { return entries_; }

    // Adds one entry of `entry_bytes`. Atomic: after an error there is no part of it.
    std::expected<void, Error> append(Storage& storage, const std::string& path, std::span<const std::byte> entry);

    // Makes entry() usable for all entries, `bytes_max` being as long as the file may become.
    std::expected<void, Error> map(Storage& storage, const std::string& path, std::size_t bytes_max);
    bool is_mapped() const noexcept { return mapping_ != nullptr; }
    const std::byte* entry(std::int32_t index) const noexcept {
        return mapping_->data() + static_cast<std::size_t>(index) * entry_bytes_;
    }

    std::expected<void, Error> truncate(Storage& storage, const std::string& path, std::int32_t entries);

    // The open file, for flushing; opens it when it is not.
    std::expected<std::shared_ptr<StorageFile>, Error> file(Storage& storage, const std::string& path);

    // Gives descriptor and mapping back.
    void release() noexcept {
        mapping_.reset();
        file_.reset();
    }

private:
    std::size_t entry_bytes_;
    std::int32_t entries_;
    std::size_t mapped_bytes_ = 0;
    std::shared_ptr<StorageFile> file_;
    std::unique_ptr<FileMapping> mapping_;
};

}  // namespace mamba::log
