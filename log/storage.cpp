#include "log/storage.h"

#include "log/segment_files.h"

namespace mamba::log {

std::expected<Bytes, Error> read_file(Storage& storage, const std::string& path,
                                      std::size_t size_max) {
    auto file = storage.open(path, Storage::Open::existing);
    if (!file) return std::unexpected(std::move(file.error()));
    const auto size = (*file)->size();
    if (!size) return std::unexpected(size.error());
    if (static_cast<std::uint64_t>(*size) > size_max) {
        return std::unexpected(Error{.kind = ErrorKind::corrupt, .message = path + " is too long"});
    }
    Bytes bytes(static_cast<std::size_t>(*size));
    const auto read = (*file)->read(0, bytes);
    if (!read) return std::unexpected(read.error());
    bytes.resize(*read);
    return bytes;
}

std::expected<void, Error> replace_file(Storage& storage, const std::string& path,
                                        BytesView bytes) {
    const std::string aside = path + std::string(suffix::temporary);
    {
        auto file = storage.open(aside, Storage::Open::truncate);
        if (!file) return std::unexpected(std::move(file.error()));
        if (auto written = (*file)->write(0, bytes); !written) return written;
        if (auto flushed = (*file)->flush(); !flushed) return flushed;
    }
    if (auto renamed = storage.rename(aside, path); !renamed) return renamed;
    return storage.flush_directory(parent_directory(path));
}

std::string parent_directory(std::string_view path) {
    while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return ".";
    return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

}  // namespace mamba::log
