// Damages a text in every way that a parser must survive: each truncation, and seeded changes,
// insertions and removals of bytes.
#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

namespace mamba::log {

template <class Parse>
void for_each_mutation(std::string_view valid, Parse parse) {
    for (std::size_t size = 0; size <= valid.size(); ++size) {
        parse(std::string(valid.substr(0, size)));
    }
    std::mt19937 random(20261125);
    const auto below = [&random](std::size_t limit) { return random() % limit; };
    constexpr std::string_view telling = "0129-:= \n\r\t\\u{}\",#!\xff";
    for (int round = 0; round < 20'000; ++round) {
        std::string text(valid);
        for (std::size_t change = 0; change <= below(4); ++change) {
            const char c =
                below(2) == 0 ? telling[below(telling.size())] : static_cast<char>(below(256));
            const std::size_t at = below(text.size() + 1);
            switch (below(3)) {
                case 0:
                    text.insert(at, 1, c);
                    break;
                case 1:
                    text.erase(at, 1 + below(8));
                    break;
                default:
                    if (at < text.size()) text[at] = c;
            }
        }
        parse(text);
    }
}

}  // namespace mamba::log
