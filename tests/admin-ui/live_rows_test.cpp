#include "admin-ui/live_rows.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

namespace mamba::admin {
namespace {

json::object object(std::string_view text) { return json::parse(text).as_object(); }

const json::object two = object(R"({"a": {"size": "1", "rate": 0}, "b": {"size": "5", "rate": 2.5}})");

TEST(LiveRows, ASnapshotHasEachNameAndEachFieldOnce) {
    LiveRows rows;
    EXPECT_EQ(rows.all(two),
              object(R"({"names": ["a", "b"], "rows": [0, 1], "cols": {"size": ["1", "5"], "rate": [0, 2.5]}})"));
}

TEST(LiveRows, WhatHasNotChangedIsLeftOut) {
    LiveRows rows;
    rows.all(two);
    const json::object now = object(R"({"a": {"size": "1", "rate": 0}, "b": {"size": "9", "rate": 2.5}})");
    EXPECT_EQ(rows.changes(two, now), object(R"({"rows": [1], "cols": {"size": ["9"]}})"));
    EXPECT_EQ(rows.changes(now, now), json::object());
}

TEST(LiveRows, ARowHasAValueInEachColumnThatIsTold) {
    LiveRows rows;
    rows.all(two);
    const json::object now = object(R"({"a": {"size": "2", "rate": 0}, "b": {"size": "5", "rate": null}})");
    EXPECT_EQ(rows.changes(two, now), object(R"({"rows": [0, 1], "cols": {"size": ["2", "5"], "rate": [0, null]}})"));
}

TEST(LiveRows, ANewRowIsWholeAndItsNameFollowsTheOthers) {
    LiveRows rows;
    rows.all(two);
    const json::object now =
        object(R"({"0": {"size": "7", "rate": 1}, "a": {"size": "1", "rate": 0}, "b": {"size": "5", "rate": 2.5}})");
    EXPECT_EQ(rows.changes(two, now),
              object(R"({"names": ["0"], "rows": [2], "cols": {"size": ["7"], "rate": [1]}})"));
}

TEST(LiveRows, ARowThatComesBackHasItsOldPlace) {
    LiveRows rows;
    rows.all(two);
    const json::object without = object(R"({"a": {"size": "1", "rate": 0}})");
    EXPECT_EQ(rows.changes(two, without), json::object());
    EXPECT_EQ(rows.changes(without, two), object(R"({"rows": [1], "cols": {"size": ["5"], "rate": [2.5]}})"));
}

TEST(LiveRows, NamesOfRowsThatHaveGoneDoNotGrowForEver) {
    LiveRows rows;
    json::object before;
    rows.all(before);
    for (int i = 0; i < 1000; ++i) {
        if (rows.is_worn(before)) rows.all(before);
        const json::object now{{"topic-" + std::to_string(i), {{"size", "1"}}}};
        const json::object told = rows.changes(before, now);
        EXPECT_LT(told.at("rows").at(0).to_number<int>(), 100);
        before = now;
    }
}

}  // namespace
}  // namespace mamba::admin
