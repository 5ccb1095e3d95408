#include "broker/scan/record_filter.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "broker/scan/byte_search.h"

namespace mamba::broker {
namespace {

constexpr std::int64_t pattern_memory_max = 1 << 20;

struct CompiledTest {
    FilterTest test;
    std::unique_ptr<re2::RE2> pattern;

    // Without regard to `negated`.
    bool passes(std::optional<BytesView> bytes) const {
        if (test.op == FilterOperator::is_null) return !bytes;
        if (!bytes) return false;
        const std::string_view text = as_text(*bytes);
        switch (test.op) {
            case FilterOperator::contains:
                return contains_bytes(text, test.text);
            case FilterOperator::equals:
                return text == test.text;
            case FilterOperator::starts_with:
                return text.starts_with(test.text);
            default:
                return re2::RE2::PartialMatch({text.data(), text.size()}, *pattern);
        }
    }

    // What bytes that match must contain.
    std::string needle() const {
        const bool looks_for_text = test.op == FilterOperator::contains || test.op == FilterOperator::equals ||
                                    test.op == FilterOperator::starts_with;
        return looks_for_text && !test.negated ? test.text : std::string();
    }
};

std::expected<CompiledTest, FilterError> compile(const FilterTest& test, std::string field) {
    if (test.text.size() > RecordFilter::text_bytes_max) {
        return std::unexpected(
            FilterError{std::move(field), 0, fmt::format("at most {} bytes", RecordFilter::text_bytes_max)});
    }
    CompiledTest compiled{test, nullptr};
    if (test.op == FilterOperator::regex) {
        re2::RE2::Options options(re2::RE2::Quiet);
        options.set_max_mem(pattern_memory_max);
        compiled.pattern = std::make_unique<re2::RE2>(test.text, options);
        if (!compiled.pattern->ok()) {
            return std::unexpected(
                FilterError{std::move(field), 0, "the pattern is not one: " + compiled.pattern->error()});
        }
    }
    return compiled;
}

}  // namespace

struct RecordFilter::Compiled {
    FilterSpec spec;
    std::optional<CompiledTest> key;
    std::optional<CompiledTest> value;
    std::vector<std::pair<std::string, CompiledTest>> headers;
    std::optional<Expression> expression;
    std::string needle;

    bool headers_match(const RecordView& record) const {
        return std::ranges::all_of(headers, [&record](const auto& named) {
            const auto& [name, compiled] = named;
            const bool wants_null = compiled.test.op == FilterOperator::is_null;
            const bool found = std::ranges::any_of(record.headers, [&](const protocol::RecordHeader& header) {
                return header.key == name && (wants_null ? header.value.has_value() : compiled.passes(header.value));
            });
            // is_null passes when no header has a value.
            return (found != wants_null) != compiled.test.negated;
        });
    }
};

RecordFilter::RecordFilter() : compiled_(std::make_shared<const Compiled>()) {}

std::expected<RecordFilter, FilterError> RecordFilter::make(FilterSpec spec) {
    if (spec.headers.size() > header_tests_max) {
        return std::unexpected(FilterError{"headers", 0, fmt::format("at most {} tests of headers", header_tests_max)});
    }
    auto compiled = std::make_shared<Compiled>();
    for (auto [from, to, name] : {std::tuple(&spec.key, &compiled->key, "key"),
                                  std::tuple(&spec.value, &compiled->value, "value")}) {
        if (!*from) continue;
        auto test = compile(**from, name);
        if (!test) return std::unexpected(std::move(test.error()));
        *to = std::move(*test);
    }
    for (std::size_t i = 0; i < spec.headers.size(); ++i) {
        auto test = compile(spec.headers[i].test, fmt::format("headers[{}]", i));
        if (!test) return std::unexpected(std::move(test.error()));
        compiled->headers.emplace_back(spec.headers[i].name, std::move(*test));
    }
    if (!spec.expression.empty()) {
        auto expression = Expression::parse(spec.expression);
        if (!expression) {
            return std::unexpected(
                FilterError{"expr", expression.error().position, std::move(expression.error().message)});
        }
        compiled->expression = std::move(*expression);
    }

    const auto consider = [&needle = compiled->needle](std::string text) {
        if (text.size() > needle.size()) needle = std::move(text);
    };
    if (compiled->key) consider(compiled->key->needle());
    if (compiled->value) consider(compiled->value->needle());
    for (const auto& [name, test] : compiled->headers) consider(test.needle());
    if (compiled->expression) consider(compiled->expression->needle());
    compiled->spec = std::move(spec);
    return RecordFilter(std::move(compiled));
}

bool RecordFilter::matches(const RecordView& record) const {
    const Compiled& filter = *compiled_;
    if (filter.key && filter.key->passes(record.key) == filter.key->test.negated) return false;
    if (filter.value && filter.value->passes(record.value) == filter.value->test.negated) return false;
    if (!filter.headers.empty() && !filter.headers_match(record)) return false;
    return !filter.expression || filter.expression->matches(record);
}

bool RecordFilter::matches_all() const {
    return !compiled_->key && !compiled_->value && compiled_->headers.empty() && !compiled_->expression;
}

bool RecordFilter::has_expression() const { return compiled_->expression.has_value(); }

const std::string& RecordFilter::needle() const { return compiled_->needle; }

const FilterSpec& RecordFilter::spec() const { return compiled_->spec; }

}  // namespace mamba::broker
