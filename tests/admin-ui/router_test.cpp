#include "admin-ui/router.h"

#include <gmock/gmock.h>

namespace mamba::admin {
namespace {

using testing::ElementsAre;

Response nothing(Console&, const Request&, Captures) { return {}; }

constexpr Route routes[] = {
    {Method::get, "/api/v1/topics", nothing},
    {Method::post, "/api/v1/topics", nothing},
    {Method::post, "/api/v1/topics:delete", nothing},
    {Method::get, "/api/v1/topics/{topic}", nothing},
    {Method::del, "/api/v1/topics/{topic}", nothing},
    {Method::post, "/api/v1/topics/{topic}:clone", nothing},
    {Method::get, "/api/v1/topics/{topic}/partitions/{partition}/records/{offset}", nothing},
    {Method::get, "/api/v1/topics/mine", nothing},
};

struct Found {
    std::string_view pattern;  // empty: none
    std::vector<std::string> captures;
    std::string allowed;
};
Found find(Method method, std::string_view target) {
    static const Router router(routes);
    Request request;
    request.method = method;
    EXPECT_TRUE(parse_target(target, request)) << target;
    Router::Match match = router.find(request);
    return {match.route == nullptr ? "" : match.route->pattern, std::move(match.captures), std::move(match.allowed)};
}

TEST(Router, PlainTextGoesBeforeBraces) {
    EXPECT_EQ(find(Method::get, "/api/v1/topics/mine").pattern, "/api/v1/topics/mine");
    EXPECT_THAT(find(Method::get, "/api/v1/topics/yours").captures, ElementsAre("yours"));
}

TEST(Router, CapturesAreDecoded) {
    EXPECT_THAT(find(Method::get, "/api/v1/topics/a%2Fb%3Ac").captures, ElementsAre("a/b:c"));
    EXPECT_THAT(find(Method::get, "/api/v1/topics/a/partitions/0/records/12").captures, ElementsAre("a", "0", "12"));
}

TEST(Router, VerbIsTakenOffTheName) {
    const Found found = find(Method::post, "/api/v1/topics/a%20b:clone");
    EXPECT_EQ(found.pattern, "/api/v1/topics/{topic}:clone");
    EXPECT_THAT(found.captures, ElementsAre("a b"));
}

TEST(Router, EncodedColonIsAPartOfTheName) {
    EXPECT_EQ(find(Method::post, "/api/v1/topics/a%3Aclone").allowed, "GET, DELETE");
    EXPECT_THAT(find(Method::get, "/api/v1/topics/a%3Aclone").captures, ElementsAre("a:clone"));
    EXPECT_THAT(find(Method::post, "/api/v1/topics/a:b:clone").captures, ElementsAre("a:b"));
}

TEST(Router, VerbAloneHasNoName) { EXPECT_EQ(find(Method::post, "/api/v1/topics/:clone").pattern, ""); }

TEST(Router, HeadIsServedAsGet) {
    EXPECT_EQ(find(Method::head, "/api/v1/topics").pattern, "/api/v1/topics");
    EXPECT_EQ(find(Method::head, "/api/v1/topics:delete").allowed, "POST");
}

TEST(Router, OtherMethodsAreToldWhatThereIs) {
    EXPECT_EQ(find(Method::put, "/api/v1/topics").allowed, "GET, POST");
    EXPECT_EQ(find(Method::other, "/api/v1/topics/a").allowed, "GET, DELETE");
    EXPECT_TRUE(find(Method::put, "/api/v1/topics").captures.empty());
}

TEST(Router, ChangingAddressIsNoTopicToRead) {
    EXPECT_EQ(find(Method::get, "/api/v1/topics:delete").allowed, "POST");
    const Found clone = find(Method::get, "/api/v1/topics/a:clone");
    EXPECT_EQ(clone.pattern, "");
    EXPECT_EQ(clone.allowed, "POST");
}

TEST(Router, UnknownAddressesAllowNothing) {
    for (const std::string_view target :
         {"/", "/api", "/api/v1/topics/a/b", "/api/v1/topic", "/api/v1/topics/a/partitions/0/records",
          "//api/v1/topics", "/api/v1/topics:clone", "/API/v1/topics", "/api/v1/../v1/topics"}) {
        const Found found = find(Method::get, target);
        EXPECT_EQ(found.pattern, "") << target;
        EXPECT_EQ(found.allowed, "") << target;
    }
}

TEST(Router, LongAddressCostsNoMore) {
    EXPECT_EQ(find(Method::get, "/" + std::string(15'000, '/')).pattern, "");
    EXPECT_THAT(find(Method::get, "/api/v1/topics/" + std::string(15'000, 'x')).captures,
                ElementsAre(std::string(15'000, 'x')));
}

}  // namespace
}  // namespace mamba::admin
