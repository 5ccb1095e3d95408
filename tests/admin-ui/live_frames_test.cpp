#include "admin-ui/live_frames.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

namespace mamba::admin {
namespace {

json::object object(std::string_view text) {
    return json::parse(text).as_object();
}

TEST(LiveFrames, ADeltaHasOfARowOnlyWhatIsOtherNow) {
    const json::object before =
        object(R"({"rows": {"a": {"size": "1", "records": "1"}, "b": {"size": "5", "records": "2"}}})");
    const json::object now =
        object(R"({"rows": {"a": {"size": "1", "records": "1"}, "b": {"size": "9", "records": "2"}}})");
    EXPECT_EQ(changes_between(before, now), object(R"({"rows": {"b": {"size": "9"}}})"));
}

TEST(LiveFrames, ANewRowIsWhole) {
    const json::object before = object(R"({"rows": {}})");
    const json::object now = object(R"({"rows": {"a": {"size": "1", "records": "1"}}})");
    EXPECT_EQ(changes_between(before, now), now);
}

TEST(LiveFrames, ListsAndWhatHasBecomeNullAreWhole) {
    const json::object before = object(R"({"findings": [1, 2], "tiles": {"lag": 1, "in": 2}})");
    const json::object now = object(R"({"findings": [1], "tiles": {"lag": null, "in": 2}})");
    EXPECT_EQ(changes_between(before, now), object(R"({"findings": [1], "tiles": {"lag": null}})"));
}

TEST(LiveFrames, NothingIsToldOfWhatRests) {
    const json::object same = object(R"({"rows": {"a": {"size": "1"}}, "verdict": "Healthy."})");
    EXPECT_EQ(changes_between(same, same), json::object());
}

}  // namespace
}  // namespace mamba::admin
