// The small language in which a person says which records are wanted: a subset of CEL.
//
//     value.total > 100 && headers["type"] == "refund"
//     key.startsWith("eu-") || (partition in [3, 4] && !has(value.customer.vip))
//     value.items[0].sku.matches("^A[0-9]+$") && size(value.items) >= 2
//
//     or      := and { "||" and }               unary    := ("!" | "-") unary | postfix
//     and     := relation { "&&" relation }     postfix  := primary { "." name [ "(" [or] ")" ] | "[" or "]" }
//     relation:= sum { op sum }                 primary  := name | literal | "(" or ")" | "[" [or {"," or}] "]"
//     op      := == != < <= > >= in                       | "has" "(" postfix ")" | "size" "(" or ")"
//     sum     := unary { ("+" | "-") unary }
//
// Names: partition offset timestamp key value headers key_size value_size tombstone codec producer_id txn.
// Literals: true false null, JSON's numbers, strings in "" or '' with \n \t \r \\ \" \' \uXXXX.
//
// What they mean, total for any record:
//   1. `key` and `value` are text, byte by byte; with a field, an index or compared with anything else than
//      text they are the JSON that they hold. What is no JSON, or has no such field, gives null. Of members
//      with one name the last counts.
//   2. `headers["a"]`, also `headers.a`, is the last header of that name.
//   3. A comparison with null is false. Only with `null` written out, == and != ask for null itself.
//   4. Values of different kinds are not equal. Lists and objects equal nothing. Order is for two numbers, or two
//      texts byte by byte.
//   5. Numbers compare exactly, however long: as int64 or as decimals. + and - give an int64 from two, null when
//      it overflows; of anything else a double, null when it is not finite.
//   6. `!`, `&&`, `||` take everything but true for false. Only a result of true matches.
//   7. size() is the bytes of a text, the number of elements, members or headers. `in` looks among the elements of
//      a list, the members of an object by name, or the headers. has() tells whether a field, element or header is
//      there at all, be it null.
//   8. contains, startsWith, endsWith want two texts; lower() changes A-Z alone; matches() wants its pattern as a
//      literal and finds it anywhere (RE2: linear in the text).
//
// Bounds: 4 KiB of text, 200 nodes, 32 levels of brackets.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "broker/scan/record_view.h"

namespace mamba::broker {

class Expression {
public:
    static constexpr std::size_t text_bytes_max = 4096;
    static constexpr std::size_t nodes_max = 200;
    static constexpr std::size_t depth_max = 32;

    struct ParseError {
        std::size_t position = 0;  // bytes from the start of the text
        std::string message;

        friend bool operator==(const ParseError&, const ParseError&) = default;
    };

    static std::expected<Expression, ParseError> parse(std::string_view text);

    // Safe from many threads at once.
    bool matches(const RecordView& record) const;

    const std::string& text() const;

    // Bytes that key, value or a header of every record that matches contain: a search for them tells of many
    // records at once that they do not match. Empty when nothing is known.
    const std::string& needle() const;

private:
    struct Program;
    class Parser;
    class Evaluation;

    explicit Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

    std::shared_ptr<const Program> program_;  // shared by copies
};

}  // namespace mamba::broker
