// The reading half of Expression: recursive descent straight from the text.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "broker/scan/expression_program.h"
#include "broker/scan/json_scan.h"
#include "broker/scan/utf8.h"

namespace mamba::broker {
namespace {

using Op = ExpressionOp;

constexpr std::int64_t pattern_memory_max = 1 << 20;

constexpr std::array<std::pair<std::string_view, Op>, 12> names{{{"partition", Op::partition},
                                                                 {"offset", Op::offset},
                                                                 {"timestamp", Op::timestamp},
                                                                 {"key", Op::key},
                                                                 {"value", Op::value},
                                                                 {"headers", Op::headers},
                                                                 {"key_size", Op::key_size},
                                                                 {"value_size", Op::value_size},
                                                                 {"tombstone", Op::tombstone},
                                                                 {"codec", Op::codec},
                                                                 {"producer_id", Op::producer_id},
                                                                 {"txn", Op::txn}}};

struct Method {
    std::string_view name;
    Op op;
    bool takes_argument;
};
constexpr std::array<Method, 5> methods{{{"contains", Op::contains, true},
                                         {"startsWith", Op::starts_with, true},
                                         {"endsWith", Op::ends_with, true},
                                         {"lower", Op::lower, false},
                                         {"matches", Op::matches, true}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) { return starts_name(c) || is_digit(c); }

}  // namespace

class Expression::Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::expected<Expression, ParseError> run() {
        if (text_.size() > text_bytes_max) {
            fail_at(text_bytes_max, fmt::format("an expression has at most {} bytes", text_bytes_max));
        } else if (const Index root = parse_or(); !failed()) {
            skip_space();
            if (at_ < text_.size()) fail("an operator or the end is expected");
            program_->needle = needle_of(root);
        }
        if (failed()) return std::unexpected(std::move(*error_));
        program_->text = text_;
        return Expression(std::move(program_));
    }

private:
    using Node = Program::Node;
    using Index = std::uint16_t;

    bool failed() const { return error_.has_value(); }

    // Only the first error is kept: those that follow are its consequences.
    Index fail_at(std::size_t position, std::string message) {
        if (!error_) error_ = ParseError{position, std::move(message)};
        return 0;
    }
    Index fail(std::string message) { return fail_at(at_, std::move(message)); }

    Index add(Node node) {
        if (failed()) return 0;
        if (program_->nodes.size() == nodes_max) {
            return fail(fmt::format("an expression has at most {} operators, names and literals", nodes_max));
        }
        program_->nodes.push_back(std::move(node));
        return static_cast<Index>(program_->nodes.size() - 1);
    }
    Index add(Op op, std::vector<Index> children) { return add(Node{.op = op, .children = std::move(children)}); }

    void skip_space() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
    }
    bool next_is(std::string_view token) {
        skip_space();
        return text_.substr(at_).starts_with(token);
    }
    bool take(std::string_view token) {
        if (failed() || !next_is(token)) return false;
        at_ += token.size();
        return true;
    }
    bool take_word(std::string_view word) {
        skip_space();
        const std::string_view rest = text_.substr(at_);
        if (failed() || !rest.starts_with(word)) return false;
        if (rest.size() > word.size() && continues_name(rest[word.size()])) return false;
        at_ += word.size();
        return true;
    }
    void expect(std::string_view token) {
        if (!take(token)) fail(fmt::format("'{}' is expected", token));
    }

    // Goes a level deeper for as long as it lives.
    struct Level {
        explicit Level(Parser& parser) : parser(parser) {
            if (++parser.depth_ > depth_max) {
                parser.fail(fmt::format("an expression nests at most {} levels", depth_max));
            }
        }
        ~Level() { --parser.depth_; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        Parser& parser;
    };

    Index parse_or() {
        const Level level(*this);
        if (failed()) return 0;
        const auto conjunction = [this] { return parse_chain("&&", Op::and_, [this] { return relation(); }); };
        return parse_chain("||", Op::or_, conjunction);
    }

    template <class Operand>
    Index parse_chain(std::string_view token, Op op, Operand operand) {
        std::vector<Index> operands{operand()};
        while (take(token)) operands.push_back(operand());
        return operands.size() == 1 ? operands.front() : add(op, std::move(operands));
    }

    std::optional<Op> take_relation() {
        constexpr std::array<std::pair<std::string_view, Op>, 6> operators{{{"==", Op::equal},
                                                                            {"!=", Op::not_equal},
                                                                            {"<=", Op::less_equal},
                                                                            {">=", Op::greater_equal},
                                                                            {"<", Op::less},
                                                                            {">", Op::greater}}};
        for (const auto& [token, op] : operators) {
            if (take(token)) return op;
        }
        if (take_word("in")) return Op::in;
        if (next_is("=")) fail("equality is '=='");
        return std::nullopt;
    }

    Index relation() {
        Index left = sum();
        while (const auto op = take_relation()) left = add(*op, {left, sum()});
        return left;
    }

    Index sum() {
        Index left = unary();
        for (;;) {
            if (take("+")) {
                left = add(Op::add, {left, unary()});
            } else if (take("-")) {
                left = add(Op::subtract, {left, unary()});
            } else {
                return left;
            }
        }
    }

    Index unary() {
        if (next_is("!") && !next_is("!=") && take("!")) return add(Op::not_, {unary_below()});
        if (take("-")) {
            // The sign belongs to the literal, so that -2^63 is one that fits.
            if (at_ < text_.size() && is_digit(text_[at_])) return postfix(number(at_ - 1));
            return add(Op::negative, {unary_below()});
        }
        return postfix(primary());
    }

    Index unary_below() {
        const Level level(*this);
        return failed() ? Index{0} : unary();
    }

    Index postfix(Index target) {
        for (;;) {
            if (failed()) return 0;
            if (take("[")) {
                const Index index = parse_or();
                expect("]");
                target = add(Op::index, {target, index});
            } else if (take(".")) {
                skip_space();
                const std::size_t at = at_;
                const std::string_view name = take_name();
                if (name.empty()) return fail("a field's name is expected");
                target = take("(") ? call(target, name, at)
                                   : add(Node{.op = Op::member, .text = std::string(name), .children = {target}});
            } else {
                return target;
            }
        }
    }

    Index call(Index target, std::string_view name, std::size_t at) {
        const auto method = std::find_if(methods.begin(), methods.end(),
                                         [name](const Method& candidate) { return candidate.name == name; });
        if (method == methods.end()) {
            return fail_at(at, fmt::format("there is no '{}()'; a value has contains(), startsWith(), endsWith(), "
                                           "lower() and matches()",
                                           name));
        }
        std::vector<Index> children{target};
        const std::size_t argument_at = at_;
        if (method->takes_argument) children.push_back(parse_or());
        expect(")");
        Node node{.op = method->op, .children = std::move(children)};
        if (node.op == Op::matches && !failed() && !compile(node, argument_at)) return 0;
        return add(std::move(node));
    }

    bool compile(Node& node, std::size_t at) {
        const Node& pattern = program_->nodes[node.children[1]];
        if (pattern.op != Op::text) {
            fail_at(at, "matches() takes a pattern in quotes");
            return false;
        }
        re2::RE2::Options options(re2::RE2::Quiet);
        options.set_max_mem(pattern_memory_max);
        node.pattern = std::make_unique<re2::RE2>(pattern.text, options);
        if (!node.pattern->ok()) fail_at(at, "the pattern is not one: " + node.pattern->error());
        return node.pattern->ok();
    }

    std::string_view take_name() {
        const std::size_t from = at_;
        if (at_ < text_.size() && starts_name(text_[at_])) {
            while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
        }
        return text_.substr(from, at_ - from);
    }

    Index primary() {
        skip_space();
        if (at_ == text_.size()) return fail("a value is expected");
        const char c = text_[at_];
        if (take("(")) {
            const Index inner = parse_or();
            expect(")");
            return inner;
        }
        if (c == '[') return list();
        if (c == '"' || c == '\'') return string();
        if (is_digit(c)) return number(at_);
        if (starts_name(c)) return name();
        return fail("a value is expected");
    }

    Index list() {
        take("[");
        std::vector<Index> elements;
        if (take("]")) return add(Op::list, {});
        do {
            elements.push_back(parse_or());
        } while (take(","));
        expect("]");
        return add(Op::list, std::move(elements));
    }

    Index number(std::size_t from) {
        const auto digits = [this] {
            const std::size_t first = at_;
            while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
            if (at_ == first) fail("a digit is expected");
        };
        if (text_[at_] == '0' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) {
            return fail("a number does not start with 0");
        }
        digits();
        if (at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1])) {
            ++at_;
            digits();
        }
        if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
            ++at_;
            if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
            digits();
        }
        if (at_ < text_.size() && continues_name(text_[at_])) return fail("a number ends here");
        const std::string_view lexeme = text_.substr(from, at_ - from);
        return add(Node{.op = Op::number, .integer = json_int64(lexeme), .text = std::string(lexeme)});
    }

    Index string() {
        const std::size_t from = at_;
        const char quote = text_[at_++];
        std::string value;
        while (at_ < text_.size() && text_[at_] != quote) {
            if (text_[at_] != '\\') {
                value.push_back(text_[at_++]);
            } else if (!escape(value)) {
                return fail_at(at_, "an escape is one of \\n \\t \\r \\\\ \\\" \\' \\uXXXX");
            }
        }
        if (at_ == text_.size()) return fail_at(from, "a closing quote is missing");
        ++at_;
        return add(Node{.op = Op::text, .text = std::move(value)});
    }

    bool escape(std::string& value) {
        const std::string_view rest = text_.substr(at_);
        if (rest.size() < 2) return false;
        constexpr std::string_view letters = "ntr\\\"'";
        if (const std::size_t letter = letters.find(rest[1]); letter != letters.npos) {
            value.push_back("\n\t\r\\\"'"[letter]);
            at_ += 2;
            return true;
        }
        // Pairs of surrogates included, it means what it means in JSON.
        for (const std::size_t size : {std::size_t{12}, std::size_t{6}}) {
            const std::string quoted = fmt::format("\"{}\"", rest.substr(0, size));
            if (rest.size() < size || rest[1] != 'u' || (size == 12 && !rest.substr(6).starts_with("\\u"))) continue;
            const auto json = read_json(quoted);
            if (!json) continue;
            std::string storage;
            const std::string_view meant = decode_json_string(*json, storage);
            // Two that are no pair are taken one by one.
            if (size == 12 && meant.size() != 4) continue;
            value += meant;
            at_ += size;
            return true;
        }
        return false;
    }

    Index name() {
        const std::size_t from = at_;
        const std::string_view word = take_name();
        if (word == "true" || word == "false") return add(Node{.op = Op::boolean, .boolean = word == "true"});
        if (word == "null") return add(Node{.op = Op::null});
        if (word == "has" || word == "size") {
            expect("(");
            const std::size_t argument_at = at_;
            const Index argument = parse_or();
            expect(")");
            if (failed()) return 0;
            if (word == "size") return add(Op::size, {argument});
            const Op op = program_->nodes[argument].op;
            if (op == Op::member || op == Op::index) return add(Op::has, {argument});
            return fail_at(argument_at, "has() asks for a field: has(value.id)");
        }
        const auto found =
            std::find_if(names.begin(), names.end(), [word](const auto& entry) { return entry.first == word; });
        if (found != names.end()) return add(Node{.op = found->second});
        return fail_at(from, fmt::format("there is no '{}'; a record has partition, offset, timestamp, key, value, "
                                         "headers, key_size, value_size, tombstone, codec, producer_id and txn",
                                         word));
    }

    // The longest text that a conjunction wants to be found in the record's bytes.
    std::string needle_of(Index index) const {
        const Node& node = program_->nodes[index];
        const auto literal = [this](Index child) {
            const Node& candidate = program_->nodes[child];
            return candidate.op == Op::text ? candidate.text : std::string();
        };
        const auto is_raw = [this](Index child) { return program_->is_bytes_of_record(program_->nodes[child]); };
        std::string longest;
        switch (node.op) {
            case Op::and_:
                for (const Index child : node.children) {
                    std::string text = needle_of(child);
                    if (text.size() > longest.size()) longest = std::move(text);
                }
                return longest;
            case Op::equal:
                if (is_raw(node.children[1])) return literal(node.children[0]);
                [[fallthrough]];
            case Op::contains:
            case Op::starts_with:
            case Op::ends_with:
                return is_raw(node.children[0]) ? literal(node.children[1]) : longest;
            default:
                return longest;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::optional<ParseError> error_;
    std::shared_ptr<Program> program_ = std::make_shared<Program>();
};

std::expected<Expression, Expression::ParseError> Expression::parse(std::string_view text) {
    return Parser(text).run();
}

}  // namespace mamba::broker
