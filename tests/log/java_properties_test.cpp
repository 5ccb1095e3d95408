#include "log/java_properties.h"

#include <gtest/gtest.h>

#include "tests/log/text_mutations.h"

namespace mamba::log {
namespace {

// What java.util.Properties of Java 17 makes of each text.
TEST(JavaProperties, ReadsEveryFormThatJavaReads) {
    const std::pair<std::string_view, JavaProperties> cases[] = {
        {"", {}},
        {"a=b", {{"a", "b"}}},
        {"a: b\r\nc d\n", {{"a", "b"}, {"c", "d"}}},
        {"  a  =  b  \n", {{"a", "b  "}}},
        {"# c=d\n! e=f\n\n a=b\n", {{"a", "b"}}},
        {"a\n", {{"a", ""}}},
        {"a=b=c", {{"a", "b=c"}}},
        {"a\\ b\\=c=d", {{"a b=c", "d"}}},
        {"a=1,\\\n   2,\\\r\n   3\n", {{"a", "1,2,3"}}},
        {"a=\\t\\n\\q\\\\", {{"a", "\t\nq\\"}}},
        {"a=\\u00fc\\u20AC", {{"a", "\xc3\xbc\xe2\x82\xac"}}},
        {"a=1\na=2", {{"a", "1"}, {"a", "2"}}},
        {"=x", {{"", "x"}}},
    };
    for (const auto& [text, expected] : cases) {
        const auto properties = parse_java_properties(text);
        ASSERT_TRUE(properties) << text;
        EXPECT_EQ(*properties, expected) << text;
    }
}

TEST(JavaProperties, LastValueOfAKeyCounts) {
    const JavaProperties properties{{"a", "1"}, {"a", "2"}};
    ASSERT_NE(find_property(properties, "a"), nullptr);
    EXPECT_EQ(*find_property(properties, "a"), "2");
    EXPECT_EQ(find_property(properties, "b"), nullptr);
}

TEST(JavaProperties, RefusesAnEscapeThatIsCutShort) {
    EXPECT_FALSE(parse_java_properties("a=\\u12"));
    EXPECT_FALSE(parse_java_properties("a=\\u12g4"));
    EXPECT_FALSE(parse_java_properties("a=\\u-123"));
}

TEST(JavaProperties, AnyDamageGivesAnErrorOrValuesThatRoundTrip) {
    for_each_mutation("# x\na\\u00e4\\ b = c\\\n  d\\t\nkey:value\n", [](const std::string& text) {
        const auto properties = parse_java_properties(text);
        if (!properties) return;
        std::string again;
        for (const auto& [key, value] : *properties) again += format_java_property(key, value);
        EXPECT_EQ(parse_java_properties(again).value(), *properties) << text;
    });
}

}  // namespace
}  // namespace mamba::log
