#include "broker/page_cache.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "log/storage.h"

namespace mamba::broker {

namespace {

// One byte, when it is there at once: as preadv2.
ssize_t read_at_once(int file, std::int64_t at) {
    std::byte byte{};
    const iovec part{&byte, 1};
    return ::preadv2(file, &part, 1, at, RWF_NOWAIT);
}

}  // namespace

bool is_in_page_cache(const log::FileSlice& slice) {
    const int file = slice.file->descriptor();
    if (file < 0 || slice.length == 0) return true;
    constexpr std::int64_t stride = 256 * 1024;  // a readahead window or two
    const std::int64_t last = slice.position + static_cast<std::int64_t>(slice.length) - 1;
    for (std::int64_t at = slice.position;; at = std::min(at + stride, last)) {
        // Refused with EAGAIN when the page would have to be read in first.
        if (read_at_once(file, at) < 0 && errno == EAGAIN) return false;
        if (at == last) return true;
    }
}

bool tells_page_cache(const std::string& file) {
    const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (opened < 0) return false;
    const bool tells = read_at_once(opened, 0) >= 0 || errno == EAGAIN;
    ::close(opened);
    return tells;
}

void read_into_page_cache(const log::FileSlice& slice) {
    const int file = slice.file->descriptor();
    if (file < 0) return;
    ::readahead(file, slice.position, slice.length);
    // readahead may return before the pages are there; reading waits for them.
    std::vector<std::byte> scratch(std::min<std::size_t>(slice.length, 256 * 1024));
    for (std::size_t done = 0; done < slice.length;) {
        const ssize_t size = ::pread(file, scratch.data(), std::min(scratch.size(), slice.length - done),
                                     slice.position + static_cast<off_t>(done));
        if (size <= 0) return;  // sendfile will meet the same error and end the connection
        done += static_cast<std::size_t>(size);
    }
}

}  // namespace mamba::broker
