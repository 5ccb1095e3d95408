// A file of entries of one size, appended to by write() and read through a mapping.
//
// Kafka stores into the mapping of a preallocated sparse file. Here the file only ever holds whole
// entries: a store into a sparse mapping of a full disk is a SIGBUS, a write() is an error value;
// and a crash leaves no run of zeros behind. The mapping is as long as the file may become, so it
// is made once; Linux lets it see what is appended later.
//
// Nothing is opened before it is needed: an index that is never read costs no descriptor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string_view>

#include "log/error.h"
#include "log/segment_files.h"
#include "log/storage.h"

namespace mamba::log {

class IndexFile {
public:
    // `entries` are known to be in the file, from its size.
    IndexFile(std::string_view suffix, std::size_t entry_bytes, std::int32_t entries) noexcept
        : suffix_(suffix), entry_bytes_(entry_bytes), entries_(entries) {}

    std::int32_t entries() const noexcept { return entries_; }

    // A copy shares what is open, and makes no file that is gone: for look-ups beside the original.
    IndexFile snapshot() const;
    // Takes over what a snapshot has opened.
    void adopt(const IndexFile& snapshot);
    // A look-up waits for no disk: there is nothing to map, or it was in use before.
    bool is_warm() const noexcept { return entries_ == 0 || mapping_ || has_written_; }

    // Adds one entry of `entry_bytes`. After an error there is no part of it that counts.
    std::expected<void, Error> append(const SegmentFiles& files, std::span<const std::byte> entry);

    // Makes entry() usable for all entries.
    std::expected<void, Error> map(const SegmentFiles& files);
    bool is_mapped() const noexcept { return mapping_ != nullptr; }
    const std::byte* entry(std::int32_t index) const noexcept {
        return mapping_->data() + static_cast<std::size_t>(index) * entry_bytes_;
    }

    // Keeps the first `entries`, which may be all, and cuts off whatever else the file holds.
    std::expected<void, Error> truncate(const SegmentFiles& files, std::int32_t entries);

    // The open file, for flushing; opens it when it is not.
    std::expected<std::shared_ptr<StorageFile>, Error> file(const SegmentFiles& files);

    // Gives descriptor and mapping back.
    void release() noexcept {
        mapping_.reset();
        mapped_bytes_ = 0;
        file_.reset();
        has_written_ = false;
    }

private:
    std::string_view suffix_;
    std::size_t entry_bytes_;
    std::int32_t entries_;
    std::size_t mapped_bytes_ = 0;
    std::shared_ptr<StorageFile> file_;
    std::shared_ptr<const FileMapping> mapping_;
    Storage::Open open_ = Storage::Open::create;
    bool has_written_ = false;  // since it was opened
};

}  // namespace mamba::log
