#include "log/segment_files.h"

#include <gtest/gtest.h>

namespace mamba::log {
namespace {

TEST(SegmentFiles, NamesHaveTwentyDigits) {
    EXPECT_EQ(offset_file_name(Offset(42), suffix::log), "00000000000000000042.log");
    EXPECT_EQ(parse_offset_file_name("00000000000000000042.log", suffix::log), Offset(42));
    EXPECT_EQ(parse_offset_file_name("00000000000000000042.timeindex", suffix::offset_index),
              std::nullopt);
    EXPECT_EQ(parse_offset_file_name("0000000000000000004x.log", suffix::log), std::nullopt);
    EXPECT_EQ(parse_offset_file_name("-0000000000000000042.log", suffix::log), std::nullopt);
    EXPECT_EQ(parse_offset_file_name("99999999999999999999.log", suffix::log), std::nullopt);
}

}  // namespace
}  // namespace mamba::log
