// Writes metrics in Prometheus' text format, version 0.0.4: family by family, each with its help and
// type, and its samples one after the other. Labels have to be UTF-8, and no series may come twice:
// that is the caller's affair.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace mamba::admin {

class Exposition {
public:
    using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    // Begins a family; what follows belongs to it. `type`: "counter", "gauge" or "histogram".
    void family(std::string_view name, std::string_view type, std::string_view help);
    void sample(Labels labels, double value);
    void sample(Labels labels, std::uint64_t value);
    void sample(Labels labels, std::int64_t value);
    // One line of a histogram: `suffix` is "_bucket", "_sum" or "_count"; `le` is empty without one.
    void part(std::string_view suffix, Labels labels, std::string_view le, std::string_view value);

    std::string take() { return std::move(text_); }
    static std::string number(double value);

private:
    std::string text_;
    std::string name_;
};

}  // namespace mamba::admin
