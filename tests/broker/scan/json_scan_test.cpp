#include "broker/scan/json_scan.h"

#include <gtest/gtest.h>

#include "broker/scan/utf8.h"

namespace mamba::broker {
namespace {

using namespace std::string_literals;

TEST(JsonScan, WhatIsJsonIsReadAsItLies) {
    for (const std::string_view text : {"null", "true", "0", "-0", "1.50", "1e400", R"("")", R"("\ud800")", "[]", "{}",
                                        "[1,[2],{}]", R"({"a":{"b":[1,2,{"c":"\\"}]},"a":2})",
                                        "123456789012345678901234567890"}) {
        const auto value = read_json(text);
        ASSERT_TRUE(value) << text;
        EXPECT_EQ(value->text, text);
        const std::string spaced = "\t " + std::string(text) + "\r\n";
        EXPECT_EQ(read_json(spaced)->text, text);
    }
}

TEST(JsonScan, WhatIsNoJsonIsNone) {
    for (const std::string& text :
         {""s, " "s, "nul"s, "truee"s, "01"s, "+1"s, ".5"s, "1."s, "1e"s, "1e+"s, "-"s, "--1"s, "'a'"s, "\"a"s,
          "\"\t\""s,
          R"("\x")"s, R"("\u12g4")"s, R"("\u123)"s, "[1,]"s, "[,1]"s, "[1 2]"s, "[1"s, "]"s, "{a:1}"s, R"({"a"})"s,
          R"({"a":})"s, R"({"a":1,})"s, R"({"a":1])"s, "[1}"s, "1 2"s, "\xEF\xBB\xBF{}"s, "\"\xFF\""s,
          "\"\xC0\x80\""s, "NaN"s, "\"a\0b\""s, "\"\\\0\""s}) {
        EXPECT_FALSE(read_json(text)) << text;
    }
}

TEST(JsonScan, EveryTruncationIsNone) {
    const std::string text = R"({"a":[1,-2.5e+3,"x\u00e9\"",null,true],"b":{"c":{}}})";
    ASSERT_TRUE(read_json(text));
    for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(read_json(text.substr(0, size))) << size;
}

TEST(JsonScan, NestingHasABound) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(read_json(nested(json_depth_max)));
    EXPECT_FALSE(read_json(nested(json_depth_max + 1)));
    EXPECT_FALSE(read_json(std::string(5'000'000, '[')));
}

TEST(JsonScan, TheLastOfTwoMembersCounts) {
    const auto object = read_json(R"({ "a" : 1, "b":[{"a":3}] , "\u0061": "two" })");
    EXPECT_EQ(find_json_member(*object, "a")->text, "\"two\"");
    EXPECT_EQ(find_json_member(*object, "b")->text, R"([{"a":3}])");
    EXPECT_FALSE(find_json_member(*object, "c"));
    EXPECT_FALSE(find_json_member(*read_json("[1]"), "a"));
}

TEST(JsonScan, ElementsAreFoundByIndex) {
    const auto array = read_json(R"([ "a]" , [1,2], {"x":"}"},4 ])");
    EXPECT_EQ(find_json_element(*array, 0)->text, "\"a]\"");
    EXPECT_EQ(find_json_element(*array, 1)->text, "[1,2]");
    EXPECT_EQ(find_json_element(*array, 2)->text, R"({"x":"}"})");
    EXPECT_EQ(find_json_element(*array, 3)->text, "4");
    EXPECT_FALSE(find_json_element(*array, 4));
    EXPECT_FALSE(find_json_element(*read_json("{\"a\":1}"), 0));
}

TEST(JsonScan, EscapesAreDecoded) {
    std::string storage;
    EXPECT_EQ(decode_json_string(*read_json(R"("a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00")"), storage),
              "a\"\\/\b\f\n\r\t\u00e9\U0001F600");
    EXPECT_EQ(decode_json_string(*read_json(R"("\ud800x\udc00\ud800\u0041")"), storage), "\uFFFDx\uFFFD\uFFFD""A");
    EXPECT_EQ(decode_json_string(*read_json(R"("\\")"), storage), "\\");
    EXPECT_EQ(decode_json_string(*read_json(R"("\u0000")"), storage), "\0"s);
}

TEST(JsonScan, NumbersCompareExactly) {
    const auto less = [](std::string_view a, std::string_view b) {
        EXPECT_LT(compare_decimals(a, b), 0) << a << " " << b;
        EXPECT_GT(compare_decimals(b, a), 0) << a << " " << b;
    };
    const auto equal = [](std::string_view a, std::string_view b) {
        EXPECT_EQ(compare_decimals(a, b), 0) << a << " " << b;
        EXPECT_EQ(compare_decimals(b, a), 0) << a << " " << b;
    };
    equal("0.1000", "0.1");
    equal("0.1000", "1e-1");
    equal("1E+2", "100.0");
    equal("-0", "0.000e7");
    equal("0e99", "0");
    equal("12345678901234567890.5", "123456789012345678905e-1");
    less("9223372036854775807", "9223372036854775808");
    less("9007199254740992", "9007199254740993");
    less("1e400", "1e401");
    less("-1e400", "1e-400");
    less("-2", "-1.5");
    less("-1", "0");
    less("0", "1e-9999999999999999999999");
    less("0.30000000000000000000000000001", "0.30000000000000000000000000002");
    less("99999999999999999999", "100000000000000000000");
}

TEST(JsonScan, OnlyIntegersThatFitAreIntegers) {
    EXPECT_EQ(json_int64("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(json_int64("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(json_int64("-0"), 0);
    EXPECT_EQ(json_int64("9223372036854775808"), std::nullopt);
    EXPECT_EQ(json_int64("1.0"), std::nullopt);
    EXPECT_EQ(json_int64("1e3"), std::nullopt);
}

TEST(JsonScan, ALongLineIsReadAtOnce) {
    std::string text = "{\"pad\":\"";
    text.append(5'000'000, 'x');
    text += "\",\"n\":18446744073709551616}";
    EXPECT_EQ(find_json_member(*read_json(text), "n")->text, "18446744073709551616");
}

TEST(Utf8, IsToldFromWhatIsNot) {
    for (const std::string& text : {""s, "abcdefgh"s, "abcdefgh\u00e9"s, "\u0800"s, "\U0010FFFF"s, "\uD7FF"s,
                                    "a\0b"s}) {
        EXPECT_TRUE(is_utf8(text)) << text;
    }
    for (const std::string& text : {"\x80"s, "\xC3"s, "\xC1\xBF"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s,
                                    "\xF0\x8F\xBF\xBF"s,
                                    "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "abcdefgh\xFF"s, "\xE2\x82"s}) {
        EXPECT_FALSE(is_utf8(text)) << text;
    }
}

TEST(Utf8, APreviewEndsWithAWholeCharacter) {
    EXPECT_EQ(utf8_prefix("a\u20acb", 1), 1U);
    EXPECT_EQ(utf8_prefix("a\u20acb", 2), 1U);
    EXPECT_EQ(utf8_prefix("a\u20acb", 3), 1U);
    EXPECT_EQ(utf8_prefix("a\u20acb", 4), 4U);
    EXPECT_EQ(utf8_prefix("a\u20acb", 9), 5U);
}

}  // namespace
}  // namespace mamba::broker
