#include "admin-ui/gzip.h"

#include <gmock/gmock.h>

#include <random>

namespace mamba::admin {
namespace {

TEST(Gzip, WhatComesOutIsWhatWentIn) {
    std::mt19937 random(7);
    std::string noise(3'000'000, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    for (const std::string& bytes :
         {std::string(), std::string("a"), std::string(100'000, 'x'), std::string(70'000, '\0'), noise}) {
        EXPECT_EQ(gunzip(gzip(bytes)), bytes);
    }
}

TEST(Gzip, RepetitionTakesLittle) { EXPECT_LT(gzip(std::string(1'000'000, 'x')).size(), 10'000u); }

TEST(Gzip, WhatIsNoGzipGivesNothing) {
    std::string cut = gzip("some text");
    cut.pop_back();
    std::string spoilt = gzip(std::string(1000, 'x'));
    spoilt[spoilt.size() - 6] ^= 1;  // the checksum
    for (const std::string& bytes : {std::string(), std::string("not gzip"), cut, spoilt}) EXPECT_EQ(gunzip(bytes), "");
}

}  // namespace
}  // namespace mamba::admin
