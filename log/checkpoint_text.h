// The frame that Kafka's checkpoint files share: a version, a count, and one entry a line.
//
//     text := "" | "0\n" count "\n" count x (entry "\n")
//
// A file that is still empty has no entries, as Kafka reads it. The last line feed may be missing.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "log/error.h"

namespace mamba::log {

// True when all of `text` is one decimal number that fits; `out` is else unchanged.
template <std::integral Int>
bool parse_decimal(std::string_view text, Int& out) {
    Int value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return false;
    out = value;
    return true;
}

// Gives the lines of a text one by one, without their line feeds.
class TextLines {
public:
    explicit TextLines(std::string_view text) : rest_(text) {}

    std::optional<std::string_view> next();
    std::size_t number() const { return number_; }  // of the line given last, from 1

private:
    std::string_view rest_;
    std::size_t number_ = 0;
};

// `corrupt`, with the file and the line in its message.
Error corrupt_line(std::string_view file, std::size_t line, std::string_view reason);

// Walks over the entries of a checkpoint, then checks their count.
class CheckpointLines {
public:
    // `file` is the name for messages. Both outlive this.
    CheckpointLines(std::string_view text, std::string_view file);

    // The next entry; empty at the end, and then error() tells whether it was the right one.
    std::optional<std::string_view> next();
    const std::optional<Error>& error() const { return error_; }

    // An error about the entry that was given last.
    Error corrupt(std::string_view reason) const;

private:
    TextLines lines_;
    std::string_view file_;
    std::int64_t left_ = 0;
    std::optional<Error> error_;
};

}  // namespace mamba::log
