#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "log/storage.h"

namespace mamba::log {
namespace {

class PosixStorage : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "mamba-storage-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(const std::string& name) const { return folder_ + "/" + name; }

    std::string folder_;
    std::unique_ptr<Storage> storage_ = posix_storage();
};

TEST_F(PosixStorage, WritesAnyNumberOfPiecesInOrder) {
    auto file = storage_->open(path("f"), Storage::Open::create);
    ASSERT_TRUE(file);
    std::string expected = "head";
    ASSERT_TRUE((*file)->write(0, as_bytes(expected)));
    std::vector<std::string> texts;
    for (int i = 0; i < 700; ++i) texts.push_back(i % 50 == 0 ? "" : std::to_string(i));
    std::vector<BytesView> pieces;
    for (const std::string& text : texts) pieces.push_back(as_bytes(text));
    ASSERT_TRUE((*file)->write(4, pieces));
    for (const std::string& text : texts) expected += text;
    EXPECT_EQ(as_text(*read_file(*storage_, path("f"), 1U << 20)), expected);
    EXPECT_EQ(storage_->file_size(path("f")), static_cast<std::int64_t>(expected.size()));
}

TEST_F(PosixStorage, ReadsWhatThereIs) {
    auto file = storage_->open(path("f"), Storage::Open::create);
    ASSERT_TRUE((*file)->write(0, as_bytes("0123456789")));
    Bytes into(6);
    EXPECT_EQ((*file)->read(7, into), 3U);
    EXPECT_EQ((*file)->read(20, into), 0U);
    ASSERT_TRUE((*file)->truncate(4));
    EXPECT_EQ((*file)->size(), 4);
    EXPECT_EQ(storage_->open(path("none"), Storage::Open::existing).error().kind,
              ErrorKind::not_found);
    EXPECT_FALSE(read_file(*storage_, path("f"), 3));
}

// The indexes count on it: the mapping is made once, the file grows under it.
TEST_F(PosixStorage, AMappingSeesWhatIsWrittenLater) {
    auto file = storage_->open(path("f"), Storage::Open::create);
    const auto mapping = (*file)->map(1U << 20);
    ASSERT_TRUE(mapping);
    const Bytes page(10'000, std::byte{7});
    ASSERT_TRUE((*file)->write(0, page));
    EXPECT_EQ((*mapping)->data()[9'999], std::byte{7});
}

TEST_F(PosixStorage, ReplacesAFileWhole) {
    ASSERT_TRUE(replace_file(*storage_, path("f"), as_bytes("old and long")));
    ASSERT_TRUE(replace_file(*storage_, path("f"), as_bytes("new")));
    EXPECT_EQ(as_text(*read_file(*storage_, path("f"), 100)), "new");
    EXPECT_FALSE(storage_->exists(path("f.tmp")));
}

TEST_F(PosixStorage, ListsRenamesAndRemoves) {
    ASSERT_TRUE(storage_->make_directory(path("a/b")));
    ASSERT_TRUE(storage_->open(path("f"), Storage::Open::create));
    ASSERT_TRUE(storage_->rename(path("f"), path("a/g")));
    auto entries = storage_->list(folder_);
    EXPECT_EQ(*entries, (std::vector<DirectoryEntry>{{"a", true}}));
    entries = storage_->list(path("a"));
    std::sort(entries->begin(), entries->end());
    EXPECT_EQ(*entries, (std::vector<DirectoryEntry>{{"b", true}, {"g", false}}));
    EXPECT_TRUE(storage_->flush_directory(path("a")));
    EXPECT_TRUE(storage_->remove(path("a/g")));
    EXPECT_TRUE(storage_->remove(path("a/g")));
    EXPECT_TRUE(storage_->remove_directory(path("a")));
    EXPECT_EQ(storage_->list(path("a")).error().kind, ErrorKind::not_found);
    EXPECT_GT(*storage_->free_bytes(folder_), 0);
    EXPECT_TRUE(storage_->flush_file_system(folder_));
}

TEST_F(PosixStorage, LocksOnce) {
    auto held = storage_->lock(path(".lock"));
    ASSERT_TRUE(held);
    EXPECT_FALSE(storage_->lock(path(".lock")));
    held->reset();
    EXPECT_TRUE(storage_->lock(path(".lock")));
}

TEST(Storage, NamesTheFolderOfAPath) {
    EXPECT_EQ(parent_directory("/a/b"), "/a");
    EXPECT_EQ(parent_directory("/a/b/"), "/a");
    EXPECT_EQ(parent_directory("/a"), "/");
    EXPECT_EQ(parent_directory("a"), ".");
}

}  // namespace
}  // namespace mamba::log
