// An expression once it is read: its nodes, in an order in which children come before their parents.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/scan/expression.h"

namespace mamba::broker {

enum class ExpressionOp : std::uint8_t {
    null,
    boolean,  // `boolean`
    number,   // `text` is the lexeme, `integer` its value when it fits
    text,
    list,
    // names
    partition,
    offset,
    timestamp,
    key,
    value,
    headers,
    key_size,
    value_size,
    tombstone,
    codec,
    producer_id,
    txn,
    // child 0 is what it is applied to
    member,  // `text` is the name
    index,
    negative,
    not_,
    and_,
    or_,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    in,
    add,
    subtract,
    has,
    size,
    contains,
    starts_with,
    ends_with,
    lower,
    matches,  // `pattern`
};

struct Expression::Program {
    struct Node {
        ExpressionOp op = ExpressionOp::null;
        bool boolean = false;
        std::optional<std::int64_t> integer{};
        std::string text{};
        std::vector<std::uint16_t> children{};  // and_ and or_ have two or more, a list any number
        std::unique_ptr<re2::RE2> pattern{};
    };

    std::string text;
    std::vector<Node> nodes;  // the last one is the root
    std::string needle;

    const Node& root() const { return nodes.back(); }
    const Node& child(const Node& node, std::size_t index) const { return nodes[node.children[index]]; }
    // Its text is bytes of the record as they lie.
    bool is_bytes_of_record(const Node& node) const;
};

}  // namespace mamba::broker
