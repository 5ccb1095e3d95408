// Shows a message in a log line, much like JSON: {"topic": "t", "partitions": [0, 1], "records": 120 bytes}.
//
// Text from the network is escaped, bytes are shown as a length only, and the output has a bound, so
// that no client can inject lines into a log or fill it. It allocates: for traces and errors, not for every request.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/wire.h"

namespace mamba::protocol {

inline constexpr std::size_t print_bytes_max = 1024;

// Builds the text and stops at the bound, with "..." at the end.
class Printer {
public:
    explicit Printer(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    void value(bool v) { text(v ? "true" : "false"); }
    void value(std::integral auto v) { text(std::to_string(v)); }
    void value(double v) { text(std::to_string(v)); }
    void value(std::string_view v) { quoted(v); }
    void value(const std::string& v) { quoted(v); }
    void value(const Uuid& v) { quoted(v.to_string()); }
    void value(const Bytes& v) { length(v.size()); }
    void value(const BytesInFrame& v) { length(v.size()); }
    void value(const Records& v) {
        if (v.is_null) return text("null");
        length(v.bytes.size() + v.spliced);
    }
    template <class T>
    void value(const std::optional<T>& v) {
        if (!v) return text("null");
        value(*v);
    }
    template <class T>
        requires(!std::same_as<T, std::byte>)
    void value(const std::vector<T>& v) {
        text("[");
        bool first = true;
        for (const auto& element : v) {
            if (full_) return;
            if (!std::exchange(first, false)) text(", ");
            value(element);
        }
        text("]");
    }
    // A message, or a structure inside one.
    template <class Struct>
        requires requires(const Struct& s) { s.visit([](std::string_view, const auto&) {}); }
    void value(const Struct& s) {
        text("{");
        bool first = true;
        s.visit([&](std::string_view name, const auto& field) {
            if (full_) return;
            if (!std::exchange(first, false)) text(", ");
            quoted(name);
            text(": ");
            value(field);
        });
        text("}");
    }

    std::string take() { return std::move(out_); }

private:
    void text(std::string_view part);
    void quoted(std::string_view part);
    void length(std::size_t bytes) { text(std::to_string(bytes) + " bytes"); }

    std::string out_;
    std::size_t bytes_max_;
    bool full_ = false;  // "..." was written; nothing follows
};

template <class Message>
std::string print(const Message& message, std::size_t bytes_max = print_bytes_max) {
    Printer printer(bytes_max);
    printer.value(message);
    return printer.take();
}

}  // namespace mamba::protocol
