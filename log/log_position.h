// A place between two batches of a partition's log, by offset and by byte; and a run of bytes of
// one segment's file, as a fetch answer sends it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "protocol/types.h"

namespace mamba::log {

class StorageFile;

// All records below `offset` lie before `position` of the segment that starts at `segment_base`, or
// in segments before it. Ordered by offset alone.
struct LogPosition {
    Offset offset{0};
    Offset segment_base{0};
    std::int32_t position = 0;  // bytes from the start of the segment's .log file

    friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

// The file stays readable for as long as the slice lives, even when its segment has been deleted.
struct FileSlice {
    std::shared_ptr<const StorageFile> file;  // null when the slice is empty
    std::int64_t position = 0;
    std::size_t length = 0;
};

}  // namespace mamba::log
