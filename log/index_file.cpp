#include "log/index_file.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace mamba::log {

namespace {

// Address space is what a mapping costs before it is touched. Most indexes stay below this; one
// that grows past its mapping is mapped anew at twice the length.
constexpr std::size_t mapping_bytes_min = 64UL * 1024;

}  // namespace

std::expected<std::shared_ptr<StorageFile>, Error> IndexFile::file(const SegmentFiles& files) {
    if (!file_) {
        auto opened = files.storage.open(files.path(suffix_), open_);
        if (!opened) return std::unexpected(std::move(opened.error()));
        file_ = std::move(*opened);
    }
    return file_;
}

IndexFile IndexFile::snapshot() const {
    IndexFile copy = *this;
    copy.open_ = Storage::Open::existing;
    return copy;
}

void IndexFile::adopt(const IndexFile& snapshot) {
    if (!file_) file_ = snapshot.file_;
    if (snapshot.mapping_ && snapshot.mapped_bytes_ > mapped_bytes_) {
        mapping_ = snapshot.mapping_;
        mapped_bytes_ = snapshot.mapped_bytes_;
    }
}

std::expected<void, Error> IndexFile::append(const SegmentFiles& files,
                                             std::span<const std::byte> entry) {
    assert(entry.size() == entry_bytes_);
    if (auto opened = file(files); !opened) return std::unexpected(std::move(opened.error()));
    const auto position = static_cast<std::int64_t>(entry_bytes_) * entries_;
    // What a failed write leaves lies past entries_: the next append overwrites it, and a start
    // that finds it rebuilds the index.
    if (auto written = file_->write(position, entry); !written) return written;
    ++entries_;
    has_written_ = true;
    return {};
}

std::expected<void, Error> IndexFile::map(const SegmentFiles& files) {
    const std::size_t bytes = static_cast<std::size_t>(entries_) * entry_bytes_;
    if (mapping_ && bytes <= mapped_bytes_) return {};
    if (auto opened = file(files); !opened) return std::unexpected(std::move(opened.error()));
    const std::size_t length = std::max(mapping_bytes_min, std::bit_ceil(bytes + 1));
    auto mapping = file_->map(length);
    if (!mapping) return std::unexpected(std::move(mapping.error()));
    mapping_ = std::move(*mapping);
    mapped_bytes_ = length;
    return {};
}

std::expected<void, Error> IndexFile::truncate(const SegmentFiles& files, std::int32_t entries) {
    if (auto opened = file(files); !opened) return std::unexpected(std::move(opened.error()));
    if (auto cut = file_->truncate(static_cast<std::int64_t>(entry_bytes_) * entries); !cut)
        return cut;
    entries_ = std::min(entries_, entries);
    return {};
}

}  // namespace mamba::log
