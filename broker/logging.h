// The broker's own log: lines on standard error, written by named loggers whose levels can be
// changed while it runs.
//
//     2026-03-01 12:00:00.123 info     mamba.log: orders-3 recovered: 4 segments, 0 bytes cut
//
// A logger without a level of its own takes its parent's (`mamba.net` takes `mamba`'s, that takes
// root's). The loggers are one per process, as the standard error they write to is.
// Text that a client sent goes through escape() first. Source: KIP-412 for levels at run time.
#pragma once

#include <fmt/core.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "broker/request.h"

namespace mamba::broker {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error, fatal, off };

// Kafka's spelling: "TRACE" ... "FATAL", "OFF".
std::string_view name_of(LogLevel level);
// Any case; none for another word.
std::optional<LogLevel> log_level_of(std::string_view name);

namespace detail {
struct LoggerState;
}

// A handle: cheap to copy, usable from any thread, valid for the life of the process.
class Logger {
public:
    bool enabled(LogLevel level) const;
    void write(LogLevel level, std::string_view line) const;

    template <class... Args>
    void debug(fmt::format_string<Args...> text, Args&&... args) const {
        log(LogLevel::debug, text, std::forward<Args>(args)...);
    }
    template <class... Args>
    void info(fmt::format_string<Args...> text, Args&&... args) const {
        log(LogLevel::info, text, std::forward<Args>(args)...);
    }
    template <class... Args>
    void warn(fmt::format_string<Args...> text, Args&&... args) const {
        log(LogLevel::warn, text, std::forward<Args>(args)...);
    }
    template <class... Args>
    void error(fmt::format_string<Args...> text, Args&&... args) const {
        log(LogLevel::error, text, std::forward<Args>(args)...);
    }
    template <class... Args>
    void log(LogLevel level, fmt::format_string<Args...> text, Args&&... args) const {
        if (enabled(level)) write(level, fmt::format(text, std::forward<Args>(args)...));
    }

private:
    friend Logger logger(std::string_view name);
    explicit Logger(const detail::LoggerState& state) : state_(&state) {}

    const detail::LoggerState* state_;
};

// The logger of that name, made at first use: `mamba.net`, `mamba.log`, `mamba.group`,
// `mamba.controller`, `mamba.request`, `mamba.config`, or `root`.
Logger logger(std::string_view name);

// Levels by logger name. A level that was set stays until it is reset to its parent's.
// False: there is no such logger, or the level of root was to be reset.
bool set_log_level(std::string_view name, LogLevel level);
bool reset_log_level(std::string_view name);
bool is_logger(std::string_view name);
std::map<std::string, LogLevel, std::less<>> log_levels();  // as in force, of all loggers

// `bytes` as printable ASCII: control characters, quotes' escapes and bytes above 126 as \n, \t,
// \xNN, and at most `bytes_max` bytes of it, then "...".
std::string escape(std::string_view bytes, std::size_t bytes_max = 256);

// Lets `lines_max` lines of a kind through each interval, for what a client can cause at will.
// Thread-safe.
class RateLimited {
public:
    explicit RateLimited(std::uint32_t lines_max = 10, Duration interval = std::chrono::seconds(10))
        : lines_max_(lines_max), interval_(interval) {}

    // Nothing: keep quiet. Otherwise how many were suppressed since the last one that was let
    // through.
    std::optional<std::uint64_t> take(Instant now);

private:
    const std::uint32_t lines_max_;
    const Duration interval_;
    std::mutex mutex_;  // guards what follows
    std::optional<Instant> interval_start_;
    std::uint32_t lines_ = 0;
    std::uint64_t suppressed_ = 0;
};

}  // namespace mamba::broker
