// How the files of one segment are called: the base offset in 20 digits, and what they hold.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "log/storage.h"
#include "protocol/types.h"

namespace mamba::log {

namespace suffix {
inline constexpr std::string_view log = ".log";
inline constexpr std::string_view offset_index = ".index";
inline constexpr std::string_view time_index = ".timeindex";
inline constexpr std::string_view transaction_index = ".txnindex";
inline constexpr std::string_view snapshot = ".snapshot";
inline constexpr std::string_view deleted = ".deleted";  // added to any of those above:
inline constexpr std::string_view cleaned = ".cleaned";  // compaction is writing it
inline constexpr std::string_view swap = ".swap";  // complete, about to replace older segments
inline constexpr std::string_view temporary = ".tmp";
}  // namespace suffix

// Cheap to make; borrows the storage and the folder's name.
struct SegmentFiles {
    Storage& storage;
    const std::string& directory;
    Offset base;

    std::string path(std::string_view suffix) const;
};

// "00000000000000000042"
std::string offset_file_name(Offset offset, std::string_view suffix);

// Every file that a segment can have, whether or not it does.
std::vector<std::string> files_of_segment(const std::string& directory, Offset base);

// The offset that a file's name starts with, when `suffix` is all that follows it.
std::optional<Offset> parse_offset_file_name(std::string_view name, std::string_view suffix);

}  // namespace mamba::log
