#include "log/checkpoint_text.h"

#include <algorithm>

namespace mamba::log {

std::optional<std::string_view> TextLines::next() {
    if (rest_.empty()) return std::nullopt;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number_;
    return line;
}

Error corrupt_line(std::string_view file, std::size_t line, std::string_view reason) {
    std::string message(file);
    message += ": line ";
    message += std::to_string(line);
    message += ": ";
    message += reason;
    return {.kind = ErrorKind::corrupt, .message = std::move(message)};
}

CheckpointLines::CheckpointLines(std::string_view text, std::string_view file)
    : lines_(text), file_(file) {
    const auto version = lines_.next();
    if (!version) return;
    if (*version != "0") {
        error_ = corrupt("unknown version");
        return;
    }
    const auto count = lines_.next();
    if (!count || !parse_decimal(*count, left_) || left_ < 0) {
        left_ = 0;
        error_ = corrupt("expected the number of entries");
    }
}

std::optional<std::string_view> CheckpointLines::next() {
    if (error_) return std::nullopt;
    const auto line = lines_.next();
    if (line.has_value() != (left_ > 0)) {
        error_ = corrupt(line ? "more entries than announced" : "fewer entries than announced");
        return std::nullopt;
    }
    --left_;
    return line;
}

Error CheckpointLines::corrupt(std::string_view reason) const {
    return corrupt_line(file_, lines_.number(), reason);
}

}  // namespace mamba::log
