#include "admin-ui/http.h"

#include <gmock/gmock.h>

namespace mamba::admin {
namespace {

using testing::ElementsAre;

std::optional<Request> parsed(std::string_view target) {
    Request request;
    if (!parse_target(target, request)) return std::nullopt;
    return request;
}

TEST(ParseTarget, SegmentsAreDecodedOnceAndSplitBefore) {
    const auto request = parsed("/topics/a%2Fb%252Fc/partitions");
    ASSERT_TRUE(request);
    EXPECT_THAT(request->segments, ElementsAre("topics", "a/b%2Fc", "partitions"));
    EXPECT_EQ(request->path, "/topics/a%2Fb%252Fc/partitions");
}

TEST(ParseTarget, EmptySegmentsAreSegments) {
    EXPECT_THAT(parsed("/")->segments, ElementsAre(""));
    EXPECT_THAT(parsed("//")->segments, ElementsAre("", ""));
    EXPECT_THAT(parsed("/groups//offsets")->segments, ElementsAre("groups", "", "offsets"));
}

TEST(ParseTarget, DotsStandForThemselves) {
    EXPECT_THAT(parsed("/a/../b")->segments, ElementsAre("a", "..", "b"));
    EXPECT_THAT(parsed("/a/%2e%2E/b")->segments, ElementsAre("a", "..", "b"));
}

TEST(ParseTarget, PlusIsABlankInAQueryOnly) {
    const auto request = parsed("/a+b?q=a+b&r=a%2Bb");
    EXPECT_THAT(request->segments, ElementsAre("a+b"));
    EXPECT_EQ(request->parameter("q"), "a b");
    EXPECT_EQ(request->parameter("r"), "a+b");
}

TEST(ParseTarget, QueryKeepsRepetitionsAndEmptyValues) {
    const auto request = parsed("/?labels=a&labels=b&empty=&bare&&=x&k=v=w");
    EXPECT_EQ(request->query.count("labels"), 2u);
    EXPECT_EQ(request->parameter("labels"), "a");
    EXPECT_EQ(request->parameter("empty"), "");
    EXPECT_EQ(request->parameter("bare"), "");
    EXPECT_EQ(request->parameter("k"), "v=w");
    EXPECT_EQ(request->parameter("nothing"), std::nullopt);
}

TEST(ParseTarget, FragmentIsNoPartOfIt) {
    const auto request = parsed("/a?b=c#d?e=f");
    EXPECT_THAT(request->segments, ElementsAre("a"));
    EXPECT_EQ(request->parameter("b"), "c");
    EXPECT_EQ(request->query.size(), 1u);
}

TEST(ParseTarget, BytesAboveAsciiAreKept) {
    EXPECT_THAT(parsed("/%ff%C3%A9")->segments, ElementsAre("\xFF\xC3\xA9"));
}

TEST(ParseTarget, MalformedOnesAreRefused) {
    for (const std::string_view target : {"", "a", "*", "http://localhost/", "/%", "/%4", "/%4g", "/%g4", "/a%", "/%00",
                                          "/a?%", "/a?b=%zz", "/a?b=%00", "/a?%00=b"}) {
        EXPECT_FALSE(parsed(target)) << target;
    }
    EXPECT_FALSE(parsed(std::string_view("/a\0b", 4)));
}

TEST(StripPrefix, TakesWholeSegmentsOnly) {
    const auto path_without = [](std::string_view target, std::string_view prefix) {
        Request request;
        EXPECT_TRUE(parse_target(target, request));
        strip_prefix(request, prefix);
        Request expected;
        EXPECT_TRUE(parse_target(request.path, expected));
        EXPECT_EQ(request.segments, expected.segments) << target;
        return request.path;
    };
    EXPECT_EQ(path_without("/a/b/topics/x%2Fy", "/a/b"), "/topics/x%2Fy");
    EXPECT_EQ(path_without("/a/b/", "/a/b"), "/");
    EXPECT_EQ(path_without("/a/b", "/a/b"), "/");
    EXPECT_EQ(path_without("/a/bc/d", "/a/b"), "/a/bc/d");
    EXPECT_EQ(path_without("/topics", "/a/b"), "/topics");
    EXPECT_EQ(path_without("/topics", ""), "/topics");
}

TEST(FindCookie, TakesTheWholeNameOnly) {
    EXPECT_EQ(find_cookie("a=1; sid=x; b=2", "sid"), "x");
    EXPECT_EQ(find_cookie("sid=x", "sid"), "x");
    EXPECT_EQ(find_cookie("a=1;sid=x", "sid"), "x");
    EXPECT_EQ(find_cookie("mysid=x; sid2=y", "sid"), "");
    EXPECT_EQ(find_cookie("sid", "sid"), "");
    EXPECT_EQ(find_cookie("sid=a=b", "sid"), "a=b");
    EXPECT_EQ(find_cookie(";;; ;", "sid"), "");
    EXPECT_EQ(find_cookie("", "sid"), "");
}

TEST(RequestHeader, MissingOneIsEmpty) {
    Request request;
    request.headers.emplace("host", "localhost");
    EXPECT_EQ(request.header("host"), "localhost");
    EXPECT_EQ(request.header("origin"), "");
}

}  // namespace
}  // namespace mamba::admin
