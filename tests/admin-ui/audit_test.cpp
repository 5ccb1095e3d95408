#include "admin-ui/audit.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/broker/metadata/temporary_folder.h"

namespace mamba::admin {
namespace {

AuditEntry entry(int number) {
    return {.at = Timestamp(1'790'000'000'000 + number),
            .principal = "User:ANONYMOUS",
            .remote = "127.0.0.1",
            .action = "POST /api/v1/topics",
            .target = "topic orders",
            .path = "/api/v1/topics",
            .status = 201,
            .message = {},
            .request = {},
            .before = {},
            .request_id = "r-" + std::to_string(number)};
}

class AuditFile : public testing::Test {
protected:
    static std::string text_of(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream(path, std::ios::binary).rdbuf();
        return text.str();
    }
    static std::vector<std::string> ids(const Audit& audit, std::size_t entries = Audit::entries_max) {
        std::vector<std::string> all;
        for (const json::object& one : audit.newest(entries)) all.emplace_back(one.at("request_id").as_string());
        return all;
    }

    broker::TemporaryFolder folder_;
    const std::string path_ = folder_.path() / "console-audit.log";
};

TEST_F(AuditFile, NewestComeFirst) {
    Audit audit("");
    for (int i = 1; i <= 3; ++i) audit.add(entry(i));
    EXPECT_EQ(ids(audit), (std::vector<std::string>{"r-3", "r-2", "r-1"}));
    EXPECT_EQ(ids(audit, 1), (std::vector<std::string>{"r-3"}));
}

TEST_F(AuditFile, EachIsALineOfItsOwn) {
    Audit audit(path_);
    AuditEntry one = entry(1);
    one.target = "/a\nb\xFF";
    audit.add(one);
    const std::string text = text_of(path_);
    EXPECT_EQ(std::ranges::count(text, '\n'), 1);
    EXPECT_EQ(json::parse(text).at("target"), "/a\nb\uFFFD");
}

TEST_F(AuditFile, RestartKnowsWhatCameBefore) {
    { Audit(path_).add(entry(1)); }
    { Audit(path_).add(entry(2)); }
    EXPECT_EQ(ids(Audit(path_)), (std::vector<std::string>{"r-2", "r-1"}));
}

// A crash, or a full disk, in the middle of a line must not cost the next one.
TEST_F(AuditFile, LineThatWasCutShortIsPassedOver) {
    { Audit(path_).add(entry(1)); }
    std::ofstream(path_, std::ios::binary | std::ios::app) << R"({"at_ms":17900)";
    {
        Audit audit(path_);
        EXPECT_EQ(ids(audit), (std::vector<std::string>{"r-1"}));
        audit.add(entry(2));
        audit.add(entry(3));
    }
    EXPECT_EQ(ids(Audit(path_)), (std::vector<std::string>{"r-3", "r-2", "r-1"}));
}

TEST_F(AuditFile, WhatIsNoEntryIsPassedOver) {
    std::ofstream(path_, std::ios::binary) << "\n[1]\nnonsense\n\xFF\xFE\n{\"request_id\":\"r-1\"}\n\n";
    EXPECT_EQ(ids(Audit(path_)), (std::vector<std::string>{"r-1"}));
}

TEST_F(AuditFile, MemoryKeepsTheNewestOnly) {
    Audit audit(path_);
    const int count = static_cast<int>(Audit::entries_max) + 5;
    for (int i = 0; i < count; ++i) audit.add(entry(i));
    EXPECT_EQ(ids(audit).size(), Audit::entries_max);
    EXPECT_EQ(ids(audit).back(), "r-5");
    const Audit again(path_);
    EXPECT_EQ(ids(again).front(), "r-" + std::to_string(count - 1));
}

TEST_F(AuditFile, FullFileMakesRoomAndIsStillRead) {
    AuditEntry large = entry(1);
    large.message = std::string(1024 * 1024, 'x');
    {
        Audit audit(path_);
        for (int i = 0; i < 20; ++i) audit.add(large);
        audit.add(entry(2));
    }
    EXPECT_GE(std::filesystem::file_size(path_ + ".1"), static_cast<std::uintmax_t>(Audit::file_bytes_max));
    EXPECT_LT(std::filesystem::file_size(path_), static_cast<std::uintmax_t>(Audit::file_bytes_max));
    EXPECT_EQ(ids(Audit(path_)).front(), "r-2");
    // Right after a rotation the file before is all that there is.
    std::filesystem::remove(path_);
    { Audit(path_ + ".1").add(entry(3)); }
    EXPECT_EQ(ids(Audit(path_)).front(), "r-3");
}

TEST_F(AuditFile, FullDiskLeavesThemInMemory) {
    Audit audit("/dev/full");
    audit.add(entry(1));
    audit.add(entry(2));
    EXPECT_EQ(ids(audit), (std::vector<std::string>{"r-2", "r-1"}));
}

TEST_F(AuditFile, FolderThatIsNotThereLeavesThemInMemory) {
    Audit audit(folder_.path() / "nothing" / "audit.log");
    audit.add(entry(1));
    EXPECT_EQ(ids(audit), (std::vector<std::string>{"r-1"}));
}

TEST(Audited, SecretsAreHiddenWhereverTheyStand) {
    const json::value shown = audited(R"({
        "password": "x", "New_Password": ["x"], "name": "a", "list": [{"csrf_token": {"deep": "x"}}],
        "configs": {"sasl.jaas.config": "x", "retention.ms": "1"},
        "data": [{"name": "ssl.key.password", "value": "x", "operation": "SET"},
                 {"name": "retention.ms", "value": "5"}]})");
    EXPECT_EQ(shown, json::parse(R"({
        "password": "***", "New_Password": "***", "name": "a", "list": [{"csrf_token": "***"}],
        "configs": {"sasl.jaas.config": "***", "retention.ms": "1"},
        "data": [{"name": "ssl.key.password", "value": "***", "operation": "SET"},
                 {"name": "retention.ms", "value": "5"}]})"));
}

TEST(Audited, LargeBodyIsItsSize) {
    const std::string body = "[\"" + std::string(100'000, 'x') + "\"]";
    EXPECT_EQ(audited(body), (json::object{{"bytes", body.size()}}));
}

TEST(Audited, WhatIsNoJsonIsNull) {
    EXPECT_TRUE(audited("").is_null());
    EXPECT_TRUE(audited("{").is_null());
    EXPECT_TRUE(audited(std::string(1000, '[')).is_null());
}

}  // namespace
}  // namespace mamba::admin
