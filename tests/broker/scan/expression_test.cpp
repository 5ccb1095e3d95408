// The cases are data, in expression_vectors.json, for any other implementation of the language to run too.
#include "broker/scan/expression.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "broker/scan/json_scan.h"

namespace mamba::broker {
namespace {

std::string text_of(JsonValue json) {
    std::string storage;
    return std::string(decode_json_string(json, storage));
}

// A record of the vectors, and the bytes that it is a view of.
struct Example {
    explicit Example(JsonValue json) {
        const auto number = [json](std::string_view name, std::int64_t otherwise) {
            const auto member = find_json_member(json, name);
            return member ? json_int64(member->text).value() : otherwise;
        };
        const auto bytes = [json](std::string_view name) -> std::optional<std::string> {
            const auto member = find_json_member(json, name);
            if (!member || member->kind == JsonKind::null) return std::nullopt;
            return text_of(*member);
        };
        const auto key = bytes("key");
        const auto value = bytes("value");
        std::vector<std::pair<std::string, std::optional<std::string>>> pairs;
        if (const auto list = find_json_member(json, "headers")) {
            for (JsonChildren children(*list); const auto child = children.next();) {
                const JsonValue content = *find_json_element(child->value, 1);
                pairs.emplace_back(text_of(*find_json_element(child->value, 0)),
                                   content.kind == JsonKind::null ? std::nullopt : std::optional(text_of(content)));
            }
        }
        std::vector<protocol::RecordHeader> headers;
        for (const auto& [name, content] : pairs) {
            headers.push_back({name, content ? std::optional(as_bytes(*content)) : std::nullopt});
        }
        protocol::append_record(record, 0, 0, key ? std::optional(as_bytes(*key)) : std::nullopt,
                                value ? std::optional(as_bytes(*value)) : std::nullopt, headers);
        protocol::RecordReader reader(record, 1);
        const auto read = reader.next();
        view.key = read->key;
        view.value = read->value;
        view.headers = read->headers;
        view.partition = PartitionIndex(static_cast<std::int32_t>(number("partition", 0)));
        view.offset = Offset(number("offset", 0));
        view.timestamp = Timestamp(number("timestamp", -1));
        view.producer_id = ProducerId(number("producer_id", -1));
        if (const auto codec = bytes("codec")) {
            for (int i = 0; i <= 4; ++i) {
                const auto candidate = *protocol::compression_type_of(i);
                if (name_of(candidate) == *codec) view.codec = candidate;
            }
        }
        if (const auto txn = find_json_member(json, "txn")) view.transactional = txn->text == "true";
    }
    Example(const Example&) = delete;
    Example& operator=(const Example&) = delete;

    Bytes record;
    RecordView view;
};

class ExpressionVectors : public testing::Test {
protected:
    ExpressionVectors() {
        std::ifstream file(MAMBA_EXPRESSION_VECTORS);
        std::stringstream content;
        content << file.rdbuf();
        text_ = content.str();
    }
    JsonValue section(std::string_view name) {
        const auto all = read_json(text_);
        EXPECT_TRUE(all) << "expression_vectors.json is not JSON";
        return all ? find_json_member(*all, name).value_or(JsonValue{}) : JsonValue{};
    }

private:
    std::string text_;
};

TEST_F(ExpressionVectors, MatchAsTheySay) {
    std::map<std::string, Example> records;
    for (JsonChildren children(section("records")); const auto child = children.next();) {
        records.try_emplace(text_of(child->name), child->value);
    }
    std::size_t count = 0;
    for (JsonChildren cases(section("cases")); const auto one = cases.next(); ++count) {
        const std::string text = text_of(*find_json_element(one->value, 1));
        const std::string name = text_of(*find_json_element(one->value, 0));
        const bool wanted = find_json_element(one->value, 2)->text == "true";
        const auto expression = Expression::parse(text);
        ASSERT_TRUE(expression) << text << ": at " << expression.error().position << ": " << expression.error().message;
        const Example& record = records.at(name);
        EXPECT_EQ(expression->matches(record.view), wanted) << name << ": " << text;
        if (wanted) {
            EXPECT_TRUE(as_text(record.record).contains(expression->needle())) << text;
        }
    }
    EXPECT_GT(count, 100U);
}

TEST_F(ExpressionVectors, ErrorsNameThePlace) {
    std::size_t count = 0;
    for (JsonChildren cases(section("errors")); const auto one = cases.next(); ++count) {
        const std::string text = text_of(*find_json_element(one->value, 0));
        const auto expression = Expression::parse(text);
        ASSERT_FALSE(expression) << text;
        EXPECT_EQ(std::to_string(expression.error().position), find_json_element(one->value, 1)->text)
            << text << ": " << expression.error().message;
        EXPECT_FALSE(expression.error().message.empty());
    }
    EXPECT_GT(count, 20U);
}

TEST(Expression, BoundsAreKept) {
    EXPECT_TRUE(Expression::parse("true" + std::string(Expression::text_bytes_max - 4, ' ')));
    EXPECT_FALSE(Expression::parse("true" + std::string(Expression::text_bytes_max - 3, ' ')));

    std::string nodes = "true";
    for (int i = 0; i < 198; ++i) nodes += "||true";
    EXPECT_TRUE(Expression::parse(nodes));
    EXPECT_FALSE(Expression::parse(nodes + "||true"));

    for (const auto& [open, close] :
         {std::pair("(", ")"), std::pair("!", ""), std::pair("- ", ""), std::pair("[", "]")}) {
        const auto nested = [&](std::size_t depth) {
            std::string text;
            for (std::size_t i = 0; i < depth; ++i) text += open;
            text += "1";
            for (std::size_t i = 0; i < depth; ++i) text += close;
            return text;
        };
        EXPECT_TRUE(Expression::parse(nested(Expression::depth_max - 1))) << open;
        EXPECT_FALSE(Expression::parse(nested(Expression::depth_max))) << open;
        EXPECT_FALSE(Expression::parse(nested(4000))) << open;
    }
    // A pattern that would need much memory is refused, not compiled.
    EXPECT_FALSE(Expression::parse(R"(value.matches("((a{1,100}){1,100}){1,100}"))"));
}

TEST(Expression, TheNeedleIsTheLongestTextThatMustBeThere) {
    const auto needle = [](std::string_view text) { return Expression::parse(text).value().needle(); };
    EXPECT_EQ(needle(R"(value.contains("refund"))"), "refund");
    EXPECT_EQ(needle(R"("a" == key && headers["type"] == "refund" && value.total > 100)"), "refund");
    EXPECT_EQ(needle(R"(key.startsWith("abc") && !value.contains("much longer"))"), "abc");
    EXPECT_EQ(needle(R"(key == "a" || value.contains("b"))"), "");
    EXPECT_EQ(needle(R"(value.name == "text in JSON may be escaped")"), "");
    EXPECT_EQ(needle(R"(key != "a")"), "");
    EXPECT_EQ(needle(R"(value.lower().contains("a"))"), "");
}

TEST(Expression, BytesThatAreNoTextAreCompared) {
    const Bytes raw{std::byte{0xFF}, std::byte{0}, std::byte{'a'}};
    RecordView record;
    record.value = raw;
    EXPECT_TRUE(Expression::parse("value.endsWith(\"a\") && size(value) == 3")->matches(record));
    EXPECT_TRUE(Expression::parse("value.contains(\"\xFF\")")->matches(record));
    EXPECT_FALSE(Expression::parse("value == 1 || value.a == 1")->matches(record));
}

TEST(Expression, ACopyIsTheSame) {
    const Expression expression = *Expression::parse("offset == 7");
    const Expression copy = expression;  // NOLINT(performance-unnecessary-copy-initialization)
    RecordView record;
    record.offset = Offset(7);
    EXPECT_TRUE(copy.matches(record));
    EXPECT_EQ(copy.text(), "offset == 7");
}

}  // namespace
}  // namespace mamba::broker
