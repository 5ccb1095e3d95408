// Rows with named columns, shown as an aligned table for people or as JSON for programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mamba::ctl {

struct Nothing {
    friend bool operator==(Nothing, Nothing) = default;
};
// Nothing is "-" in a table and null in JSON.
using Cell = std::variant<Nothing, bool, std::int64_t, std::string, std::vector<std::int64_t>>;

class Table {
public:
    explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

    // One cell for each column.
    void add(std::vector<Cell> row);
    bool empty() const { return rows_.empty(); }

    // Numbers to the right, everything else to the left; the column names in capitals on top.
    std::string to_text() const;
    // An array of objects, one a line.
    std::string to_json() const;
    std::string show(bool as_json) const { return as_json ? to_json() : to_text(); }

private:
    std::vector<std::string> columns_;
    std::vector<std::vector<Cell>> rows_;
};

// `text` between quotation marks, escaped as JSON wants it. Bytes that are no UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace mamba::ctl
