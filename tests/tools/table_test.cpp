#include "tools/mambactl/table.h"

#include <gtest/gtest.h>

namespace mamba::ctl {
namespace {

TEST(Table, NumbersStandRightAndTextLeft) {
    Table table({"topic", "log_end"});
    table.add({"a", std::int64_t{5}});
    table.add({"longer", Nothing()});
    table.add({"b", std::int64_t{12345678}});
    EXPECT_EQ(table.to_text(),
              "TOPIC    LOG-END\n"
              "a              5\n"
              "longer         -\n"
              "b       12345678\n");
}

TEST(Table, JsonKeepsTypes) {
    Table table({"name", "isr", "internal", "rack"});
    table.add({"a\"b", std::vector<std::int64_t>{1, 2}, true, Nothing()});
    EXPECT_EQ(
        table.to_json(),
        "[\n {\"name\": \"a\\\"b\", \"isr\": [1,2], \"internal\": true, \"rack\": null}\n]\n");
}

TEST(Table, NoRowsAreAnEmptyArray) {
    EXPECT_EQ(Table({"a"}).to_json(), "[]\n");
}

TEST(JsonString, ControlCharactersAreEscaped) {
    EXPECT_EQ(json_string("a\n\t\x01\\"), R"("a\n\t\u0001\\")");
}

TEST(JsonString, BytesThatAreNoUtf8BecomeTheReplacementCharacter) {
    EXPECT_EQ(json_string("\xC3\xA9"), "\"\xC3\xA9\"");
    EXPECT_EQ(json_string("\xC3"), R"("\ufffd")");
    EXPECT_EQ(json_string("\xED\xA0\x80"), R"("\ufffd\ufffd\ufffd")");
    EXPECT_EQ(json_string("\xF0\x9F\x90\x8D"), "\"\xF0\x9F\x90\x8D\"");
}

}  // namespace
}  // namespace mamba::ctl
