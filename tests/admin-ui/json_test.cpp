#include "admin-ui/json.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <limits>

namespace mamba::admin {
namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

Request with_body(std::string body) {
    Request request;
    request.body = std::move(body);
    return request;
}
// The error of a body of which `read` reads fields; empty when there is none.
template <class Read>
std::string error_of(std::string body, const Read& read) {
    const Request request = with_body(std::move(body));
    Fields fields(request);
    read(fields);
    const auto error = fields.error();
    return error ? error->message : std::string();
}
std::string integer_error(const std::string& number, std::int64_t min = lowest, std::int64_t max = highest) {
    return error_of("{\"n\":" + number + "}", [&](Fields& fields) { fields.integer("n", min, max); });
}

TEST(Fields, EmptyBodyIsAnObjectWithoutFields) {
    EXPECT_EQ(error_of("", [](Fields&) {}), "");
    EXPECT_EQ(error_of("{}", [](Fields&) {}), "");
    EXPECT_EQ(error_of("", [](Fields& fields) { fields.text("name"); }), "name is missing");
}

TEST(Fields, OtherBodiesAreNamed) {
    for (const std::string body : {"[]", "1", "null", "\"x\"", "true"}) {
        EXPECT_EQ(error_of(body, [](Fields&) {}), "the body is not a JSON object") << body;
    }
    for (const std::string body :
         {"{", "{\"a\":1", "{\"a\":1}}", "{'a':1}", "{\"a\":01}", "{\"a\":NaN}", "{\"a\":\"\\ud800\"}",
          "{\"a\":\"\xFF\"}", "{\"a\":1,}", "\xEF\xBB\xBF{}", "// {}"}) {
        EXPECT_THAT(error_of(body, [](Fields& fields) { fields.has("a"); }),
                    testing::StartsWith("the body is not JSON"))
            << body;
    }
}

TEST(Fields, DepthHasABound) {
    const auto nested = [](std::size_t depth) {
        return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
    };
    EXPECT_EQ(error_of(nested(31), [](Fields& fields) { fields.array("a"); }), "");
    EXPECT_THAT(error_of(nested(33), [](Fields& fields) { fields.array("a"); }),
                testing::StartsWith("the body is not JSON"));
    EXPECT_NE(error_of(nested(1'000'000), [](Fields&) {}), "");
}

TEST(Fields, EachKindIsChecked) {
    const std::string body = R"({"text":"a","flag":true,"n":7,"object":{},"array":[],"texts":["a","b"],"nil":null})";
    const Request request = with_body(body);
    Fields fields(request);
    EXPECT_EQ(fields.text("text"), "a");
    EXPECT_TRUE(fields.flag("flag", false));
    EXPECT_EQ(fields.integer("n", 0, 10), 7);
    EXPECT_NE(fields.object("object"), nullptr);
    EXPECT_NE(fields.array("array"), nullptr);
    EXPECT_EQ(fields.texts("texts"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(fields.text_or_null("nil"), std::nullopt);
    EXPECT_FALSE(fields.error());
    EXPECT_EQ(error_of(body, [](Fields& f) { f.text("n"); }), "n must be a string");
    EXPECT_EQ(error_of(body, [](Fields& f) { f.text_or_null("flag"); }), "flag must be a string");
    EXPECT_EQ(error_of(body, [](Fields& f) { f.flag("text", false); }), "text must be true or false");
    EXPECT_EQ(error_of(body, [](Fields& f) { f.integer("text", 0, 10); }), "text must be a whole number");
    EXPECT_EQ(error_of(body, [](Fields& f) { f.object("array"); }), "array must be an object");
    EXPECT_EQ(error_of(body, [](Fields& f) { f.array("object"); }), "object must be a list");
    EXPECT_EQ(error_of(R"({"texts":["a",1]})", [](Fields& f) { f.texts("texts"); }), "texts must be a list of strings");
}

TEST(Fields, NullIsAsGoodAsMissing) {
    const std::string body = R"({"a":null})";
    EXPECT_EQ(error_of(body, [](Fields& fields) { EXPECT_EQ(fields.text("a", "otherwise"), "otherwise"); }), "");
    EXPECT_EQ(error_of(body, [](Fields& fields) { EXPECT_EQ(fields.integer("a", 0, 1, 5), 5); }), "");
    EXPECT_EQ(error_of(body, [](Fields& fields) { EXPECT_EQ(fields.object("a"), nullptr); }), "");
    EXPECT_EQ(error_of(body, [](Fields& fields) { fields.text("a"); }), "a is missing");
    EXPECT_EQ(error_of(body, [](Fields& fields) { fields.integer("a", 0, 1); }), "a is missing");
}

TEST(Fields, IntegersAreExact) {
    for (const std::int64_t number :
         {lowest, std::int64_t{-1}, std::int64_t{0}, (std::int64_t{1} << 53) + 1, highest}) {
        for (const std::string& text : {std::to_string(number), "\"" + std::to_string(number) + "\""}) {
            EXPECT_EQ(error_of("{\"n\":" + text + "}",
                               [&](Fields& fields) { EXPECT_EQ(fields.integer("n", lowest, highest), number); }),
                      "");
        }
    }
}

TEST(Fields, WhatIsNoIntegerIsRefused) {
    for (const std::string number : {"1.0", "1e3", "9223372036854775808", "-9223372036854775809", "1e400", "-0.5",
                                     "99999999999999999999", "\"9223372036854775808\"", "\"\"", "\" 1\"", "\"1 \"",
                                     "\"+1\"", "\"0x1\"", "\"1.0\"", "\"1e3\"", "true", "[]", "{}"}) {
        EXPECT_EQ(integer_error(number), "n must be a whole number") << number;
    }
}

TEST(Fields, RangesIncludeTheirEnds) {
    EXPECT_EQ(integer_error("1", 1, 3), "");
    EXPECT_EQ(integer_error("3", 1, 3), "");
    EXPECT_EQ(integer_error("0", 1, 3), "n must be from 1 to 3");
    EXPECT_EQ(integer_error("\"4\"", 1, 3), "n must be from 1 to 3");
}

TEST(Fields, UnknownFieldIsNamed) {
    EXPECT_EQ(error_of(R"({"a":1,"b":2})", [](Fields& fields) { fields.integer("a", 0, 5); }),
              "b is not a field that is known here");
    const json::value inner = json::parse(R"({"x":1})");
    Fields nested(inner, "data[3]");
    EXPECT_EQ(nested.error()->message, "data[3].x is not a field that is known here");
    const json::value number(7);
    EXPECT_EQ(Fields(number, "data[3]").error()->message, "data[3] is not an object");
}

TEST(Fields, FirstMistakeIsTheOneThatIsTold) {
    EXPECT_EQ(error_of(R"({"a":"x","b":"y","c":1})", [](Fields& fields) {
                  fields.integer("a", 0, 1);
                  fields.integer("b", 0, 1);
                  fields.wrong("c", "is late");
              }),
              "a must be a whole number");
}

TEST(TextOf, WhatIsNotUtf8IsReplacedByteByByte) {
    EXPECT_EQ(text_of("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), "a\u00E9\u20AC\U0001F600");
    EXPECT_EQ(text_of("\xFF"), "\uFFFD");
    EXPECT_EQ(text_of("\xC0\xAF"), "\uFFFD\uFFFD");          // overlong
    EXPECT_EQ(text_of("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
    EXPECT_EQ(text_of("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(text_of("a\xE2\x82"), "a\uFFFD\uFFFD");  // cut short
    EXPECT_EQ(text_of(std::string_view("\0<", 2)), json::string(std::string_view("\0<", 2)));
}

TEST(Exact, IntegersAreTextAndUnknownOnesNull) {
    EXPECT_EQ(exact(highest), "9223372036854775807");
    EXPECT_EQ(exact(lowest), "-9223372036854775808");
    EXPECT_EQ(exact(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
    EXPECT_TRUE(exact_or_null(std::nullopt).is_null());
    EXPECT_EQ(exact_or_null(0), "0");
    EXPECT_TRUE(time_or_null(no_timestamp).is_null());
    EXPECT_EQ(time_or_null(Timestamp(5)), 5);
}

TEST(Refuse, TellsStatusKafkasErrorAndRequest) {
    Request request;
    request.id = "r-7";
    const Response response = refuse(request, kafka_error(ErrorCode::non_empty_group));
    EXPECT_EQ(response.status, 409);
    const json::value error = json::parse(response.body).at("error");
    EXPECT_EQ(error.at("kafka_code"), 68);
    EXPECT_EQ(error.at("kafka_name"), "NON_EMPTY_GROUP");
    EXPECT_EQ(error.at("request_id"), "r-7");
    EXPECT_FALSE(error.at("message").as_string().empty());
    EXPECT_TRUE(
        json::parse(refuse(request, {.status = 415, .message = "m"}).body).at("error").at("kafka_code").is_null());
}

}  // namespace
}  // namespace mamba::admin
