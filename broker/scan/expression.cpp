// The evaluating half of Expression.
#include "broker/scan/expression.h"

#include <charconv>
#include <cmath>
#include <compare>
#include <cstdint>
#include <forward_list>

#include "broker/scan/byte_search.h"
#include "broker/scan/expression_program.h"
#include "broker/scan/json_scan.h"

namespace mamba::broker {
namespace {

using Op = ExpressionOp;

enum class Kind : std::uint8_t {
    missing,  // null, and has() is false
    null,
    boolean,
    integer,
    decimal,  // `text` is a number of JSON's grammar that is no int64
    real,     // what + and - have made
    text,
    json,     // an array or an object
    list,     // a literal one: `node`
    headers,
    record,   // key or value: text, or the JSON in it
};

struct Value {
    Kind kind = Kind::missing;
    bool boolean = false;
    std::int64_t integer = 0;
    double real = 0;
    std::string_view text{};
    JsonValue json{};
    std::size_t node = 0;
    bool is_key = false;

    bool is_null() const { return kind == Kind::missing || kind == Kind::null; }
    bool is_true() const { return kind == Kind::boolean && boolean; }
    bool is_text() const { return kind == Kind::text || kind == Kind::record; }
    bool is_number() const { return kind == Kind::integer || kind == Kind::decimal || kind == Kind::real; }
};

Value of_null() { return {.kind = Kind::null}; }
Value of(bool value) { return {.kind = Kind::boolean, .boolean = value}; }
Value of(std::int64_t value) { return {.kind = Kind::integer, .integer = value}; }
Value of(std::string_view text) { return {.kind = Kind::text, .text = text}; }
Value of_size(std::size_t size) { return of(static_cast<std::int64_t>(size)); }
Value of_size(const std::optional<BytesView>& bytes) { return bytes ? of_size(bytes->size()) : of_null(); }

// Empty when it is not finite.
std::optional<double> double_of(const Value& number) {
    if (number.kind == Kind::integer) return static_cast<double>(number.integer);
    if (number.kind == Kind::real) return number.real;
    double value = 0;
    const auto [stopped, error] = std::from_chars(number.text.data(), number.text.data() + number.text.size(), value);
    if (error == std::errc() && std::isfinite(value)) return value;
    // Too small to be told from zero is zero; too large is none.
    return compare_decimals(number.text, "-1") > 0 && compare_decimals(number.text, "1") < 0 ? std::optional(0.0)
                                                                                               : std::nullopt;
}

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
    if (a.kind == Kind::integer && b.kind == Kind::integer) return a.integer <=> b.integer;
    if (a.kind == Kind::real || b.kind == Kind::real) {
        const auto left = double_of(a);
        const auto right = double_of(b);
        if (left && right) return *left <=> *right;
        // A decimal beyond all doubles lies beyond the other number too.
        if (!left) return a.text.front() == '-' ? std::partial_ordering::less : std::partial_ordering::greater;
        return b.text.front() == '-' ? std::partial_ordering::greater : std::partial_ordering::less;
    }
    const auto lexeme = [](const Value& number) {
        return number.kind == Kind::integer ? std::to_string(number.integer) : std::string(number.text);
    };
    return compare_decimals(lexeme(a), lexeme(b)) <=> 0;
}

bool holds(Op op, std::partial_ordering order) {
    switch (op) {
        case Op::less:
            return order < 0;
        case Op::less_equal:
            return order <= 0;
        case Op::greater:
            return order > 0;
        default:
            return order >= 0;
    }
}

}  // namespace

bool Expression::Program::is_bytes_of_record(const Node& node) const {
    if (node.op == Op::key || node.op == Op::value) return true;
    return (node.op == Op::member || node.op == Op::index) && child(node, 0).op == Op::headers;
}

class Expression::Evaluation {
public:
    Evaluation(const Program& program, const RecordView& record) : program_(program), record_(record) {}

    bool run() { return evaluate(program_.root()).is_true(); }

private:
    using Node = Program::Node;

    Value child(const Node& node, std::size_t index) { return evaluate(program_.child(node, index)); }

    Value evaluate(const Node& node) {
        switch (node.op) {
            case Op::null:
                return of_null();
            case Op::boolean:
                return of(node.boolean);
            case Op::number:
                return node.integer ? of(*node.integer) : Value{.kind = Kind::decimal, .text = node.text};
            case Op::text:
                return of(std::string_view(node.text));
            case Op::list:
                return {.kind = Kind::list, .node = static_cast<std::size_t>(&node - program_.nodes.data())};
            case Op::member:
                return member(child(node, 0), node.text);
            case Op::index:
                return element(child(node, 0), child(node, 1));
            case Op::not_:
                return of(!child(node, 0).is_true());
            case Op::and_:
                for (std::size_t i = 0; i < node.children.size(); ++i) {
                    if (!child(node, i).is_true()) return of(false);
                }
                return of(true);
            case Op::or_:
                for (std::size_t i = 0; i < node.children.size(); ++i) {
                    if (child(node, i).is_true()) return of(true);
                }
                return of(false);
            case Op::equal:
            case Op::not_equal:
                return equality(node);
            case Op::less:
            case Op::less_equal:
            case Op::greater:
            case Op::greater_equal:
                return of(ordered(node.op, child(node, 0), child(node, 1)));
            case Op::in:
                return of(is_in(child(node, 0), child(node, 1)));
            case Op::negative:
                return sum(Op::subtract, of(std::int64_t{0}), child(node, 0));
            case Op::add:
            case Op::subtract:
                return sum(node.op, child(node, 0), child(node, 1));
            case Op::has:
                return of(child(node, 0).kind != Kind::missing);
            case Op::size:
                return size(child(node, 0));
            case Op::contains:
            case Op::starts_with:
            case Op::ends_with:
            case Op::lower:
            case Op::matches:
                return text_method(node);
            default:
                return field(node.op);
        }
    }

    Value field(Op op) {
        switch (op) {
            case Op::partition:
                return of(std::int64_t{record_.partition.value});
            case Op::offset:
                return of(record_.offset.value);
            case Op::timestamp:
                return of(record_.timestamp.value);
            case Op::key:
                return bytes(record_.key, true);
            case Op::value:
                return bytes(record_.value, false);
            case Op::headers:
                return {.kind = Kind::headers};
            case Op::key_size:
                return of_size(record_.key);
            case Op::value_size:
                return of_size(record_.value);
            case Op::tombstone:
                return of(!record_.value.has_value());
            case Op::codec:
                return of(protocol::name_of(record_.codec));
            case Op::producer_id:
                return of(record_.producer_id.value);
            default:
                return of(record_.transactional);
        }
    }

    static Value bytes(const std::optional<BytesView>& bytes, bool is_key) {
        if (!bytes) return of_null();
        return {.kind = Kind::record, .text = as_text(*bytes), .is_key = is_key};
    }

    // The JSON that key or value holds, read once.
    Value json_of(const Value& record) {
        Document& document = record.is_key ? key_ : value_;
        if (!document.read) document = {true, read_json(record.text)};
        return document.json ? of_json(*document.json) : Value{};
    }

    Value of_json(JsonValue json) {
        switch (json.kind) {
            case JsonKind::null:
                return of_null();
            case JsonKind::boolean:
                return of(json.text == "true");
            case JsonKind::number: {
                const auto integer = json_int64(json.text);
                return integer ? of(*integer) : Value{.kind = Kind::decimal, .text = json.text};
            }
            case JsonKind::string:
                // Most have no escapes, and cost no text of their own.
                if (!json.text.contains('\\')) return of(json.text.substr(1, json.text.size() - 2));
                return of(decode_json_string(json, new_text()));
            default:
                return {.kind = Kind::json, .json = json};
        }
    }

    Value member(const Value& container, std::string_view name) {
        if (container.kind == Kind::record) return member(json_of(container), name);
        if (container.kind == Kind::headers) return header(name);
        if (container.kind != Kind::json) return {};
        const auto found = find_json_member(container.json, name);
        return found ? of_json(*found) : Value{};
    }

    Value header(std::string_view name) {
        Value last;
        for (const protocol::RecordHeader& header : record_.headers) {
            if (header.key == name) last = header.value ? of(as_text(*header.value)) : of_null();
        }
        return last;
    }

    Value element(const Value& container, const Value& index) {
        if (index.is_text()) return member(container, index.text);
        if (index.kind != Kind::integer || index.integer < 0) return {};
        const auto at = static_cast<std::size_t>(index.integer);
        if (container.kind == Kind::record) return element(json_of(container), index);
        if (container.kind == Kind::list) {
            const Node& list = program_.nodes[container.node];
            return at < list.children.size() ? child(list, at) : Value{};
        }
        if (container.kind != Kind::json) return {};
        const auto found = find_json_element(container.json, at);
        return found ? of_json(*found) : Value{};
    }

    Value equality(const Node& node) {
        const Value left = child(node, 0);
        const Value right = child(node, 1);
        const bool wants_equal = node.op == Op::equal;
        if (program_.child(node, 0).op == Op::null || program_.child(node, 1).op == Op::null) {
            return of((left.is_null() && right.is_null()) == wants_equal);
        }
        if (left.is_null() || right.is_null()) return of(false);
        return of(are_equal(left, right) == wants_equal);
    }

    // Of two values, one at most key or value as the JSON in it: what the other can be compared with.
    void read_records(Value& left, Value& right) {
        if (left.kind == Kind::record && !right.is_text()) left = json_of(left);
        if (right.kind == Kind::record && !left.is_text()) right = json_of(right);
    }

    bool are_equal(Value left, Value right) {
        read_records(left, right);
        if (left.is_text() && right.is_text()) return left.text == right.text;
        if (left.is_number() && right.is_number()) return compare_numbers(left, right) == 0;
        return left.kind == Kind::boolean && right.kind == Kind::boolean && left.boolean == right.boolean;
    }

    bool ordered(Op op, Value left, Value right) {
        read_records(left, right);
        if (left.is_text() && right.is_text()) return holds(op, left.text <=> right.text);
        return left.is_number() && right.is_number() && holds(op, compare_numbers(left, right));
    }

    bool is_in(const Value& wanted, const Value& container) {
        if (container.kind == Kind::record) return is_in(wanted, json_of(container));
        if (container.kind == Kind::list) {
            const Node& list = program_.nodes[container.node];
            for (std::size_t i = 0; i < list.children.size(); ++i) {
                if (program_.child(list, i).op == Op::null ? wanted.is_null() : are_equal(wanted, child(list, i))) {
                    return true;
                }
            }
            return false;
        }
        if (container.kind == Kind::headers || container.json.kind == JsonKind::object) {
            return wanted.is_text() && member(container, wanted.text).kind != Kind::missing;
        }
        for (JsonChildren elements(container.json); const auto element = elements.next();) {
            if (are_equal(wanted, of_json(element->value))) return true;
        }
        return false;
    }

    Value sum(Op op, Value left, Value right) {
        if (left.kind == Kind::record) left = json_of(left);
        if (right.kind == Kind::record) right = json_of(right);
        if (!left.is_number() || !right.is_number()) return of_null();
        if (left.kind == Kind::integer && right.kind == Kind::integer) {
            std::int64_t result = 0;
            const bool overflows = op == Op::add ? __builtin_add_overflow(left.integer, right.integer, &result)
                                                 : __builtin_sub_overflow(left.integer, right.integer, &result);
            return overflows ? of_null() : of(result);
        }
        const auto a = double_of(left);
        const auto b = double_of(right);
        if (!a || !b) return of_null();
        const double result = op == Op::add ? *a + *b : *a - *b;
        return std::isfinite(result) ? Value{.kind = Kind::real, .real = result} : of_null();
    }

    Value size(const Value& value) {
        if (value.is_text()) return of_size(value.text.size());
        if (value.kind == Kind::list) return of_size(program_.nodes[value.node].children.size());
        if (value.kind == Kind::headers) return of(std::int64_t{record_.headers.size()});
        if (value.kind != Kind::json) return of_null();
        std::int64_t count = 0;
        for (JsonChildren children(value.json); children.next();) ++count;
        return of(count);
    }

    Value text_method(const Node& node) {
        const Value target = child(node, 0);
        if (!target.is_text()) return node.op == Op::lower ? of_null() : of(false);
        if (node.op == Op::lower) return of(lower(target.text));
        if (node.op == Op::matches) {
            return of(re2::RE2::PartialMatch({target.text.data(), target.text.size()}, *node.pattern));
        }
        const Value argument = child(node, 1);
        if (!argument.is_text()) return of(false);
        if (node.op == Op::contains) return of(contains_bytes(target.text, argument.text));
        if (node.op == Op::starts_with) return of(target.text.starts_with(argument.text));
        return of(target.text.ends_with(argument.text));
    }

    std::string_view lower(std::string_view text) {
        std::string& copy = new_text();
        copy = text;
        for (char& c : copy) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        return copy;
    }

    std::string& new_text() { return texts_.emplace_front(); }

    struct Document {
        bool read = false;
        std::optional<JsonValue> json;
    };

    const Program& program_;
    const RecordView& record_;
    Document key_;
    Document value_;
    std::forward_list<std::string> texts_;  // what views of values look at, besides the record
};

bool Expression::matches(const RecordView& record) const { return Evaluation(*program_, record).run(); }

const std::string& Expression::text() const { return program_->text; }

const std::string& Expression::needle() const { return program_->needle; }

}  // namespace mamba::broker
