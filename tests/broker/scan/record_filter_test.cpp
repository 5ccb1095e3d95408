#include "broker/scan/record_filter.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

using Op = FilterOperator;

class RecordFilterTest : public testing::Test {
protected:
    RecordFilterTest() {
        const std::vector<protocol::RecordHeader> headers{
            {"type", as_bytes("a")}, {"type", as_bytes("b")}, {"nil", std::nullopt}};
        protocol::append_record(bytes_, 0, 0, as_bytes("key"), std::nullopt, headers);
        const auto record = protocol::RecordReader(bytes_, 1).next();
        record_ = {.key = record->key, .value = record->value, .headers = record->headers};
    }
    bool matches(FilterSpec spec) { return RecordFilter::make(std::move(spec)).value().matches(record_); }
    bool key(FilterTest test) { return matches({.key = std::move(test)}); }
    bool header(std::string name, FilterTest test) {
        return matches({.headers = {{std::move(name), std::move(test)}}});
    }

    Bytes bytes_;
    RecordView record_;
};

TEST_F(RecordFilterTest, OperatorsTestBytes) {
    EXPECT_TRUE(key({Op::contains, "e"}));
    EXPECT_TRUE(key({Op::contains, ""}));
    EXPECT_FALSE(key({Op::contains, "E"}));
    EXPECT_TRUE(key({Op::contains, "E", true}));
    EXPECT_TRUE(key({Op::equals, "key"}));
    EXPECT_FALSE(key({Op::equals, "ke"}));
    EXPECT_TRUE(key({Op::starts_with, "ke"}));
    EXPECT_FALSE(key({Op::starts_with, "ey"}));
    EXPECT_TRUE(key({Op::regex, "^k.y$"}));
    EXPECT_FALSE(key({Op::regex, "^y"}));
    EXPECT_FALSE(key({Op::is_null, ""}));
    EXPECT_TRUE(key({Op::is_null, "", true}));
}

TEST_F(RecordFilterTest, NullPassesNothingButIsNullAndNegations) {
    for (const Op op : {Op::contains, Op::equals, Op::starts_with, Op::regex}) {
        EXPECT_FALSE(matches({.value = FilterTest{op, ""}}));
        EXPECT_TRUE(matches({.value = FilterTest{op, "", true}}));
    }
    EXPECT_TRUE(matches({.value = FilterTest{Op::is_null, ""}}));
}

TEST_F(RecordFilterTest, AnyHeaderOfTheNameWillDo) {
    EXPECT_TRUE(header("type", {Op::equals, "a"}));
    EXPECT_TRUE(header("type", {Op::equals, "b"}));
    EXPECT_FALSE(header("type", {Op::equals, "c"}));
    EXPECT_FALSE(header("type", {Op::equals, "a", true}));
    EXPECT_TRUE(header("type", {Op::equals, "c", true}));
    EXPECT_FALSE(header("none", {Op::equals, "a"}));
    EXPECT_TRUE(header("none", {Op::equals, "a", true}));
    EXPECT_TRUE(header("none", {Op::is_null, ""}));
    EXPECT_TRUE(header("nil", {Op::is_null, ""}));
    EXPECT_FALSE(header("type", {Op::is_null, ""}));
    EXPECT_TRUE(header("type", {Op::is_null, "", true}));
    EXPECT_FALSE(header("nil", {Op::contains, ""}));
}

TEST_F(RecordFilterTest, AllTestsHaveToHold) {
    EXPECT_TRUE(matches({.key = FilterTest{Op::equals, "key"}, .expression = "tombstone"}));
    EXPECT_FALSE(matches({.key = FilterTest{Op::equals, "key"}, .expression = "!tombstone"}));
    EXPECT_FALSE(matches({.key = FilterTest{Op::equals, "x"}, .expression = "tombstone"}));
    EXPECT_TRUE(RecordFilter().matches(record_));
    EXPECT_TRUE(RecordFilter().matches_all());
    EXPECT_TRUE(RecordFilter::make({})->matches_all());
    EXPECT_FALSE(RecordFilter::make({.expression = "true"})->matches_all());
}

TEST_F(RecordFilterTest, ErrorsNameTheField) {
    EXPECT_EQ(RecordFilter::make({.value = FilterTest{Op::regex, "("}}).error().field, "value");
    EXPECT_EQ(RecordFilter::make({.headers = {{"a", {}}, {"b", {Op::regex, "["}}}}).error().field, "headers[1]");
    const auto expression = RecordFilter::make({.expression = "true &&"});
    EXPECT_EQ(expression.error().field, "expr");
    EXPECT_EQ(expression.error().position, 7U);
    const std::string long_text(RecordFilter::text_bytes_max + 1, 'x');
    EXPECT_EQ(RecordFilter::make({.key = FilterTest{Op::equals, long_text}}).error().field, "key");
    EXPECT_FALSE(RecordFilter::make({.headers = std::vector<HeaderFilterTest>(RecordFilter::header_tests_max + 1)}));
}

TEST_F(RecordFilterTest, TheNeedleIsTheLongestTextOfAllTests) {
    const auto needle = [](FilterSpec spec) { return RecordFilter::make(std::move(spec))->needle(); };
    EXPECT_EQ(needle({}), "");
    EXPECT_EQ(needle({.key = FilterTest{Op::equals, "abc"}, .value = FilterTest{.text = "defg"}}), "defg");
    EXPECT_EQ(needle({.key = FilterTest{Op::equals, "abc"}, .value = FilterTest{.text = "defg", .negated = true}}),
              "abc");
    EXPECT_EQ(needle({.value = FilterTest{Op::regex, "abc"}}), "");
    EXPECT_EQ(needle({.headers = {{"h", {Op::starts_with, "x"}}}, .expression = "key.contains('longer')"}), "longer");
}

}  // namespace
}  // namespace mamba::broker
