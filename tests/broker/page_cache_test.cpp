#include "broker/page_cache.h"

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/vfs.h>

namespace mamba::broker {
namespace {

TEST(PageCache, FileThatCannotBeAskedTellsNothing) {
    EXPECT_FALSE(tells_page_cache("/proc/version"));
    EXPECT_FALSE(tells_page_cache("/nowhere/at/all"));
}

TEST(PageCache, FileOnADiskTells) {
    struct statfs volume{};
    ASSERT_EQ(::statfs("/proc/self/exe", &volume), 0);
    if (volume.f_type != EXT4_SUPER_MAGIC && volume.f_type != XFS_SUPER_MAGIC) GTEST_SKIP() << "neither ext4 nor XFS";
    EXPECT_TRUE(tells_page_cache("/proc/self/exe"));
}

}  // namespace
}  // namespace mamba::broker
