#include "admin-ui/sessions.h"

#include <gmock/gmock.h>

#include <set>

namespace mamba::admin {
namespace {

constexpr Timestamp start{1'790'000'000'000};

TEST(Sessions, OpenedOneIsFoundUntilItIsClosed) {
    Sessions sessions;
    const Sessions::Opened opened = sessions.open("User:a", start);
    const auto found = sessions.find(opened.id, start);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->principal, "User:a");
    EXPECT_EQ(found->csrf_token, opened.session.csrf_token);
    sessions.close(opened.id);
    EXPECT_FALSE(sessions.find(opened.id, start));
}

TEST(Sessions, OtherIdsFindNothing) {
    Sessions sessions;
    const Sessions::Opened opened = sessions.open("User:a", start);
    for (const std::string& id :
         {std::string(), std::string("x"), opened.id.substr(1), opened.id + "0", opened.session.csrf_token}) {
        EXPECT_FALSE(sessions.find(id, start)) << id;
    }
    sessions.close("x");
    EXPECT_TRUE(sessions.find(opened.id, start));
}

TEST(Sessions, SecretsAreLongAndNeverTheSame) {
    Sessions sessions;
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const Sessions::Opened opened = sessions.open("User:a", start);
        EXPECT_EQ(opened.id.size(), 64u);  // 256 bits
        EXPECT_TRUE(seen.insert(opened.id).second);
        EXPECT_TRUE(seen.insert(opened.session.csrf_token).second);
    }
}

TEST(Sessions, UnusedOneEnds) {
    Sessions sessions;
    const Sessions::Opened opened = sessions.open("User:a", start);
    const Timestamp used = start + (Sessions::idle_ms_max - 1);
    EXPECT_TRUE(sessions.find(opened.id, used));
    EXPECT_TRUE(sessions.find(opened.id, used + (Sessions::idle_ms_max - 1)));
    EXPECT_FALSE(sessions.find(opened.id, used + (2 * Sessions::idle_ms_max - 1)));
    EXPECT_FALSE(sessions.find(opened.id, used));
}

TEST(Sessions, UsedOneEndsTooInTheEnd) {
    Sessions sessions;
    const Sessions::Opened opened = sessions.open("User:a", start);
    const Timestamp end = start + Sessions::age_ms_max;
    for (Timestamp now = start; now < end; now = now + Sessions::idle_ms_max / 2)
        EXPECT_TRUE(sessions.find(opened.id, now));
    EXPECT_TRUE(sessions.find(opened.id, end + -1));
    EXPECT_FALSE(sessions.find(opened.id, end));
}

TEST(Sessions, OneThatRestedLongestMakesRoom) {
    Sessions sessions;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < Sessions::sessions_max; ++i) {
        ids.push_back(sessions.open("User:a", start + static_cast<std::int64_t>(i)).id);
    }
    const Timestamp later = start + static_cast<std::int64_t>(Sessions::sessions_max);
    EXPECT_TRUE(sessions.find(ids[0], later));  // used again: the second is the one
    sessions.open("User:a", later);
    EXPECT_TRUE(sessions.find(ids[0], later));
    EXPECT_FALSE(sessions.find(ids[1], later));
    EXPECT_TRUE(sessions.find(ids[2], later));
}

TEST(EqualSecrets, ComparesAllBytes) {
    EXPECT_TRUE(equal_secrets("", ""));
    EXPECT_TRUE(equal_secrets("abc", "abc"));
    EXPECT_FALSE(equal_secrets("abc", "abd"));
    EXPECT_FALSE(equal_secrets("abc", "ab"));
    EXPECT_FALSE(equal_secrets("abc", ""));
}

}  // namespace
}  // namespace mamba::admin
