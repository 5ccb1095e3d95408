#include "broker/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <utility>

namespace mamba::broker {

namespace {

constexpr std::array<std::string_view, 7> level_names = {"TRACE", "DEBUG", "INFO", "WARN",
                                                         "ERROR", "FATAL", "OFF"};

spdlog::level::level_enum to_spdlog(LogLevel level) {
    return static_cast<spdlog::level::level_enum>(level);
}

}  // namespace

std::string_view name_of(LogLevel level) {
    return level_names[static_cast<std::size_t>(level)];
}

std::optional<LogLevel> log_level_of(std::string_view name) {
    const auto same = [](char a, char b) {
        return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b;
    };
    for (std::size_t i = 0; i < level_names.size(); ++i) {
        if (std::ranges::equal(name, level_names[i], same)) return static_cast<LogLevel>(i);
    }
    return std::nullopt;
}

namespace detail {

struct LoggerState {
    LoggerState(std::string logger_name, spdlog::sink_ptr sink)
        : name(std::move(logger_name)), output(name, std::move(sink)) {
        // `level` decides alone. A full disk behind standard error must not stop the broker, and
        // nobody could read a complaint about it.
        output.set_level(spdlog::level::trace);
        output.flush_on(spdlog::level::trace);
        output.set_error_handler([](const std::string&) {});
    }

    std::string name;
    mutable spdlog::logger output;
    std::atomic<LogLevel> level{LogLevel::info};
    std::optional<LogLevel> own_level;  // guarded by Loggers::mutex
};

}  // namespace detail

namespace {

constexpr std::string_view root_name = "root";

// All loggers of the process.
struct Loggers {
    std::mutex mutex;  // guards `by_name` and own levels
    std::map<std::string, std::unique_ptr<detail::LoggerState>, std::less<>> by_name;
    spdlog::sink_ptr sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();

    Loggers() {
        spdlog::pattern_time_type time = spdlog::pattern_time_type::local;
        sink->set_formatter(
            std::make_unique<spdlog::pattern_formatter>("%Y-%m-%d %H:%M:%S.%e %-8l %n: %v", time));
        find_or_make(root_name).own_level = LogLevel::info;
        for (const char* name : {"mamba", "mamba.config", "mamba.controller", "mamba.group",
                                 "mamba.log", "mamba.net", "mamba.request"}) {
            find_or_make(name);
        }
    }

    detail::LoggerState& find_or_make(std::string_view name) {
        auto found = by_name.find(name);
        if (found == by_name.end()) {
            auto state = std::make_unique<detail::LoggerState>(std::string(name), sink);
            found = by_name.emplace(std::string(name), std::move(state)).first;
            found->second->level = inherited_level(name);
        }
        return *found->second;
    }

    LogLevel inherited_level(std::string_view name) const {
        for (;;) {
            const auto found = by_name.find(name);
            if (found != by_name.end() && found->second->own_level)
                return *found->second->own_level;
            if (name == root_name) return LogLevel::info;
            const std::size_t dot = name.rfind('.');
            name = dot == std::string_view::npos ? root_name : name.substr(0, dot);
        }
    }

    void spread_levels() {
        for (auto& [name, state] : by_name) state->level = inherited_level(name);
    }
};

// Never destroyed: threads may log while the process ends.
Loggers& loggers() {
    static Loggers& instance = *new Loggers;
    return instance;
}

}  // namespace

bool Logger::enabled(LogLevel level) const {
    return level >= state_->level.load(std::memory_order_relaxed) && level != LogLevel::off;
}

void Logger::write(LogLevel level, std::string_view line) const {
    state_->output.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

Logger logger(std::string_view name) {
    Loggers& all = loggers();
    const std::lock_guard lock(all.mutex);
    return Logger(all.find_or_make(name));
}

bool set_log_level(std::string_view name, LogLevel level) {
    Loggers& all = loggers();
    const std::lock_guard lock(all.mutex);
    const auto found = all.by_name.find(name);
    if (found == all.by_name.end()) return false;
    found->second->own_level = level;
    all.spread_levels();
    return true;
}

bool reset_log_level(std::string_view name) {
    Loggers& all = loggers();
    const std::lock_guard lock(all.mutex);
    const auto found = all.by_name.find(name);
    if (found == all.by_name.end() || name == root_name) return false;
    found->second->own_level.reset();
    all.spread_levels();
    return true;
}

bool is_logger(std::string_view name) {
    Loggers& all = loggers();
    const std::lock_guard lock(all.mutex);
    return all.by_name.contains(name);
}

std::map<std::string, LogLevel, std::less<>> log_levels() {
    Loggers& all = loggers();
    const std::lock_guard lock(all.mutex);
    std::map<std::string, LogLevel, std::less<>> levels;
    for (const auto& [name, state] : all.by_name) levels.emplace(name, state->level.load());
    return levels;
}

std::string escape(std::string_view bytes, std::size_t bytes_max) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(std::min(bytes.size(), bytes_max));
    for (const char c : bytes.substr(0, bytes_max)) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '\n':
                text += "\\n";
                break;
            case '\r':
                text += "\\r";
                break;
            case '\t':
                text += "\\t";
                break;
            case '\\':
                text += "\\\\";
                break;
            default:
                if (byte >= 0x20 && byte < 0x7f) {
                    text += c;
                } else {
                    text += "\\x";
                    text += digits[byte >> 4];
                    text += digits[byte & 15];
                }
        }
    }
    if (bytes.size() > bytes_max) text += "...";
    return text;
}

std::optional<std::uint64_t> RateLimited::take(Instant now) {
    const std::lock_guard lock(mutex_);
    if (!interval_start_ || now - *interval_start_ >= interval_) {
        interval_start_ = now;
        lines_ = 0;
    }
    if (lines_ >= lines_max_) {
        ++suppressed_;
        return std::nullopt;
    }
    ++lines_;
    return std::exchange(suppressed_, 0);
}

}  // namespace mamba::broker
