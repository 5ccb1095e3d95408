// What a person asks of records: tests of key, value and headers, and an expression; a record matches when
// all of them hold.
//
// Of a header test, the negation holds when no header of that name passes: "header type is not x" is also true
// of records without that header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/scan/expression.h"
#include "broker/scan/record_view.h"

namespace mamba::broker {

enum class FilterOperator : std::uint8_t {
    contains,
    equals,
    starts_with,
    regex,    // RE2's syntax, found anywhere
    is_null,  // `text` is not looked at; of a header: there is none of that name with a value
};

// A test of bytes. All but is_null are false of null, so that their negation is true of it.
struct FilterTest {
    FilterOperator op = FilterOperator::contains;
    std::string text;
    bool negated = false;

    friend bool operator==(const FilterTest&, const FilterTest&) = default;
};

struct HeaderFilterTest {
    std::string name;
    FilterTest test;

    friend bool operator==(const HeaderFilterTest&, const HeaderFilterTest&) = default;
};

struct FilterSpec {
    std::optional<FilterTest> key;
    std::optional<FilterTest> value;
    std::vector<HeaderFilterTest> headers;
    std::string expression;  // empty: none

    friend bool operator==(const FilterSpec&, const FilterSpec&) = default;
};

struct FilterError {
    std::string field;         // "key", "value", "headers[2]", "expr"
    std::size_t position = 0;  // in the expression
    std::string message;
};

class RecordFilter {
public:
    static constexpr std::size_t header_tests_max = 16;
    static constexpr std::size_t text_bytes_max = 64 * 1024;

    // Matches every record.
    RecordFilter();
    static std::expected<RecordFilter, FilterError> make(FilterSpec spec);

    // Safe from many threads at once.
    bool matches(const RecordView& record) const;
    bool matches_all() const;
    bool has_expression() const;

    // Bytes that every record which matches contains; see Expression::needle().
    const std::string& needle() const;

    const FilterSpec& spec() const;

private:
    struct Compiled;
    explicit RecordFilter(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace mamba::broker
