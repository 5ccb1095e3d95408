#include "log/segment_files.h"

#include <charconv>

namespace mamba::log {

namespace {

constexpr std::size_t name_digits = 20;

}  // namespace

std::string offset_file_name(Offset offset, std::string_view suffix) {
    char digits[name_digits];
    const auto end = std::to_chars(digits, digits + name_digits, offset.value).ptr;
    const auto count = static_cast<std::size_t>(end - digits);
    std::string name;
    name.reserve(name_digits + suffix.size());
    name.append(name_digits - count, '0').append(digits, count).append(suffix);
    return name;
}

std::vector<std::string> files_of_segment(const std::string& directory, Offset base) {
    std::vector<std::string> files;
    for (const std::string_view each : {suffix::log, suffix::offset_index, suffix::time_index,
                                        suffix::transaction_index, suffix::snapshot}) {
        files.push_back(directory + "/" + offset_file_name(base, each));
    }
    return files;
}

std::optional<Offset> parse_offset_file_name(std::string_view name, std::string_view suffix) {
    if (name.size() != name_digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
    Offset offset;
    const char* end = name.data() + name_digits;
    const auto [stop, error] = std::from_chars(name.data(), end, offset.value);
    if (error != std::errc{} || stop != end || offset.value < 0) return std::nullopt;
    return offset;
}

std::string SegmentFiles::path(std::string_view suffix) const {
    std::string path;
    path.reserve(directory.size() + 1 + name_digits + suffix.size());
    path.append(directory).append(1, '/').append(offset_file_name(base, suffix));
    return path;
}

}  // namespace mamba::log
