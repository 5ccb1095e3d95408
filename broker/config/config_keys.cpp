#include "broker/config/config_keys.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <utility>

namespace mamba::broker {

namespace {

constexpr ConfigKey broker_keys[] = {
#define X(name, type, value, allowed, importance, update, support, text) \
    ConfigKey{name,                                                      \
              ConfigType::type,                                          \
              value,                                                     \
              allowed,                                                   \
              ConfigImportance::importance,                              \
              ConfigUpdate::update,                                      \
              ConfigSupport::support,                                    \
              text},
#include "broker/config/broker_keys.inc"
};
constexpr ConfigKey topic_keys[] = {
#include "broker/config/topic_keys.inc"
};
constexpr ConfigKey group_keys[] = {
#include "broker/config/group_keys.inc"
};
constexpr ConfigKey client_metrics_keys[] = {
#include "broker/config/client_metrics_keys.inc"
};
constexpr ConfigKey client_quota_keys[] = {
#include "broker/config/client_quota_keys.inc"
#undef X
};

constexpr std::array differences = {
    DifferentDefault{"listeners", "PLAINTEXT://:9092",
                     "a broker without configuration must not be open to the network"},
    DifferentDefault{"log.dir", "/tmp/kafka-logs", "data must not lie where the system deletes it"},
    DifferentDefault{"node.id", "(none)", "a single node needs no configuration"},
    DifferentDefault{"num.network.threads", "3", "one thread per core serves the connections"},
    DifferentDefault{"queued.max.request.bytes", "-1: no limit",
                     "-1 means a quarter of memory: clients must not exhaust it"},
    DifferentDefault{"offsets.topic.replication.factor", "3",
                     "the same, but never more than there are brokers"},
    DifferentDefault{"share.coordinator.state.topic.replication.factor", "3",
                     "the same, but never more than there are brokers"},
    DifferentDefault{"transaction.state.log.replication.factor", "3",
                     "the same, but never more than there are brokers"},
};

constexpr std::string_view blanks = " \t\r\n\f\v";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

bool is_number(ConfigType type) {
    return type == ConfigType::integer || type == ConfigType::short_integer ||
           type == ConfigType::long_integer || type == ConfigType::floating;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    // std::from_chars knows "inf" and "nan"; no setting is either.
    if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// Both ends of "[min,...,max]", "[min,...]"; what is left out has no limit.
struct Range {
    std::optional<double> min, max;
    std::string_view min_text, max_text;
    std::optional<double> or_equal;
};

Range range_of(std::string_view allowed) {
    Range range;
    const std::size_t close = allowed.find(']');
    if (!allowed.starts_with('[') || close == std::string_view::npos) return range;
    const std::string_view inside = allowed.substr(1, close - 1);
    const std::size_t dots = inside.find(",...");
    range.min_text = inside.substr(0, dots);
    range.min = parse_number<double>(range.min_text);
    if (dots != std::string_view::npos && inside.size() > dots + 5) {
        range.max_text = inside.substr(dots + 5);
        range.max = parse_number<double>(range.max_text);
    }
    if (const std::size_t alternative = allowed.find(" or "); alternative != std::string_view::npos)
        range.or_equal = parse_number<double>(allowed.substr(alternative + 4));
    return range;
}

// As Double.toString has it: "0.25", "1.0", "2.147483647E9".
std::string java_text(double number) {
    std::array<char, 64> digits{};
    const auto text = [&](std::chars_format format) {
        const auto [end, error] =
            std::to_chars(digits.data(), digits.data() + digits.size(), number, format);
        assert(error == std::errc{});
        return std::string(digits.data(), end);
    };
    const double size = std::abs(number);
    if (size == 0 || (size >= 1e-3 && size < 1e7)) {
        std::string fixed = text(std::chars_format::fixed);
        if (fixed.find('.') == std::string::npos) fixed += ".0";
        return fixed;
    }
    const std::string scientific = text(std::chars_format::scientific);  // "2.147483647e+09"
    const std::size_t e = scientific.find('e');
    std::string mantissa = scientific.substr(0, e);
    if (mantissa.find('.') == std::string::npos) mantissa += ".0";
    return fmt::format("{}E{}", mantissa, std::stoi(scientific.substr(e + 1)));
}

// A number as Java prints it; `other` when `text` is none.
std::string shown_number(ConfigType type, std::string_view text, std::string_view other) {
    if (type == ConfigType::floating) {
        if (const auto number = parse_number<double>(text)) return java_text(*number);
    } else if (const auto number = parse_number<std::int64_t>(text)) {
        return std::to_string(*number);
    }
    return std::string(other);
}

std::optional<std::string> check_number(const ConfigKey& key, std::string_view text) {
    std::optional<double> number;
    bool fits = false;
    if (key.type == ConfigType::floating) {
        number = parse_number<double>(text);
        fits = number.has_value();
    } else if (const auto whole = parse_number<std::int64_t>(text)) {
        number = static_cast<double>(*whole);
        fits = key.type == ConfigType::long_integer ||
               (key.type == ConfigType::integer && std::in_range<std::int32_t>(*whole)) ||
               (key.type == ConfigType::short_integer && std::in_range<std::int16_t>(*whole));
    }
    if (!fits) return fmt::format("Not a number of type {}", name_of(key.type));
    const Range range = range_of(key.allowed);
    if (range.or_equal) {
        if (number == range.or_equal || (number >= range.min && number <= range.max))
            return std::nullopt;
        return fmt::format("Value must be between {} and {} or equal to {}", range.min_text,
                           range.max_text, *range.or_equal);
    }
    if (range.min && *number < *range.min)
        return fmt::format("Value must be at least {}", range.min_text);
    if (range.max && *number > *range.max)
        return fmt::format("Value must be no more than {}", range.max_text);
    return std::nullopt;
}

std::optional<std::string> check_word(std::string_view allowed, std::string_view word) {
    const bool any_case = allowed.starts_with('~');
    if (any_case) allowed.remove_prefix(1);
    if (!allowed.starts_with('[')) return std::nullopt;
    const std::string_view words = allowed.substr(1, allowed.size() - 2);
    for (const std::string& one : split_config_list(words)) {
        if (one == word || (any_case && lower(one) == lower(word))) return std::nullopt;
    }
    return fmt::format("String must be one of{}: {}", any_case ? " (case insensitive)" : "", words);
}

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The literal '*', or partition:broker pairs.
bool is_replica_list(std::string_view text) {
    if (trimmed(text) == "*") return true;
    return std::ranges::all_of(split_config_list(text), [](std::string_view pair) {
        const std::size_t colon = pair.find(':');
        return pair.empty() ||
               (colon != std::string_view::npos && is_digits(pair.substr(0, colon)) &&
                is_digits(pair.substr(colon + 1)));
    });
}

// 'earliest', 'latest' or an ISO 8601 duration of days down to seconds.
bool is_share_offset_reset(std::string_view text) {
    const std::string word = lower(text);
    if (word == "earliest" || word == "latest") return true;
    std::string_view rest = word;
    if (!rest.starts_with("by_duration:p")) return false;
    rest.remove_prefix(std::string_view("by_duration:p").size());
    bool has_amount = false;
    bool in_time = false;
    std::string_view units = "d";
    while (!rest.empty()) {
        if (rest.front() == 't' && !in_time) {
            in_time = true;
            units = "hms";
            rest.remove_prefix(1);
            if (rest.empty()) return false;
            continue;
        }
        const std::size_t end = rest.find_first_not_of("0123456789.");
        if (end == 0 || end == std::string_view::npos) return false;
        const std::string_view amount = rest.substr(0, end);
        const std::size_t unit = units.find(rest[end]);
        if (unit == std::string_view::npos || !parse_number<double>(amount)) return false;
        if (rest[end] != 's' && !is_digits(amount)) return false;
        units.remove_prefix(unit + 1);
        rest.remove_prefix(end + 1);
        has_amount = true;
    }
    return has_amount;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] =
                std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

constexpr std::string_view listener_prefix = "listener.name.";

}  // namespace

std::string_view name_of(ConfigType type) {
    constexpr std::array<std::string_view, 10> names = {"UNKNOWN", "BOOLEAN", "STRING", "INT",
                                                        "SHORT",   "LONG",    "DOUBLE", "LIST",
                                                        "CLASS",   "PASSWORD"};
    return names[static_cast<std::size_t>(type)];
}

std::span<const ConfigKey> config_keys(ConfigScope scope) {
    switch (scope) {
        case ConfigScope::broker:
            return broker_keys;
        case ConfigScope::topic:
            return topic_keys;
        case ConfigScope::group:
            return group_keys;
        case ConfigScope::client_metrics:
            return client_metrics_keys;
        case ConfigScope::client_quota:
            return client_quota_keys;
    }
    assert(false);
    return {};
}

const ConfigKey* find_config_key(ConfigScope scope, std::string_view name) {
    const std::span<const ConfigKey> keys = config_keys(scope);
    const auto found = std::ranges::lower_bound(keys, name, {}, &ConfigKey::name);
    return found != keys.end() && found->name == name ? &*found : nullptr;
}

std::string listener_config_name(std::string_view listener, std::string_view setting) {
    return fmt::format("{}{}.{}", listener_prefix, lower(listener), setting);
}

const ConfigKey* find_listener_config_key(std::string_view name) {
    if (!name.starts_with(listener_prefix)) return nullptr;
    const std::size_t dot = name.find('.', listener_prefix.size());
    if (dot == std::string_view::npos) return nullptr;
    return find_config_key(ConfigScope::broker, name.substr(dot + 1));
}

std::optional<std::string> check_config_value(const ConfigKey& key, std::string_view value) {
    const std::string_view text = trimmed(value);
    std::string shown_value(text);
    std::optional<std::string> complaint;
    if (key.name == "share.auto.offset.reset") {
        if (!is_share_offset_reset(text)) {
            complaint = fmt::format(
                "Invalid value `{}` for configuration {}. The value must be either 'earliest', "
                "'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
                text, key.name);
        }
    } else if (key.allowed == "replicas") {
        if (!is_replica_list(text)) {
            shown_value = fmt::format("[{}]", fmt::join(split_config_list(text), ", "));
            complaint = fmt::format(
                "{} must be the literal '*' or a list of replicas in the following "
                "format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
                key.name);
        }
    } else if (is_number(key.type)) {
        complaint = check_number(key, text);
        shown_value = shown_number(key.type, text, value);
    } else if (key.type == ConfigType::boolean) {
        const std::string word = lower(text);
        shown_value = value;
        if (word != "true" && word != "false")
            complaint = "Expected value to be either true or false";
    } else if (key.type == ConfigType::list) {
        for (const std::string& element : split_config_list(text)) {
            if (element.empty())
                return fmt::format("Configuration '{}' values must not be empty.", key.name);
            complaint = check_word(key.allowed, element);
            if (complaint) {
                shown_value = element;
                break;
            }
        }
    } else if (key.allowed == "non-empty") {
        if (text.empty()) complaint = "String must be non-empty";
    } else {
        complaint = check_word(key.allowed, text);
    }
    if (!complaint) return std::nullopt;
    if (key.is_sensitive()) shown_value = "[hidden]";
    return fmt::format("Invalid value {} for configuration {}: {}", shown_value, key.name,
                       *complaint);
}

std::string normalized_config_value(const ConfigKey& key, std::string_view value) {
    if (key.type == ConfigType::password) return std::string(value);
    const std::string_view text = trimmed(value);
    if (key.type == ConfigType::boolean) return lower(text);
    if (is_number(key.type)) return shown_number(key.type, text, text);
    if (key.type == ConfigType::list) {
        std::string result;
        for (const std::string& element : split_config_list(text)) {
            if (!result.empty()) result += ',';
            result += element;
        }
        return result;
    }
    return std::string(text);
}

std::vector<std::string> split_config_list(std::string_view value) {
    std::vector<std::string> elements;
    if (trimmed(value).empty()) return elements;
    for (std::size_t begin = 0; begin <= value.size();) {
        const std::size_t comma = std::min(value.find(',', begin), value.size());
        elements.emplace_back(trimmed(value.substr(begin, comma - begin)));
        begin = comma + 1;
    }
    return elements;
}

std::string_view nearest_config_key(ConfigScope scope, std::string_view name) {
    constexpr std::size_t name_length_max = 256;  // longer ones are near to nothing
    if (name.size() > name_length_max) return {};
    // A third of the letters may differ; more is another word.
    std::size_t best = name.size() / 3 + 1;
    std::string_view nearest;
    for (const ConfigKey& key : config_keys(scope)) {
        const std::size_t longer = std::max(name.size(), key.name.size());
        const std::size_t shorter = std::min(name.size(), key.name.size());
        if (longer - shorter >= best) continue;  // so many letters differ at least
        const std::size_t distance = edit_distance(name, key.name);
        if (distance < best) {
            best = distance;
            nearest = key.name;
        }
    }
    return nearest;
}

std::span<const DifferentDefault> different_defaults() {
    return differences;
}

}  // namespace mamba::broker
