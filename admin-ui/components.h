// What is linked into the program or sent to browsers, and under which licence, for the page "about".
// A test holds the list against the libraries that are really there.
#pragma once

#include <span>
#include <string_view>

namespace mamba::admin {

struct Component {
    std::string_view name;
    std::string_view licence;    // by its SPDX name
    std::string_view used_for;
    std::string_view libraries;  // shared ones, such as "libz libm"; empty: it is compiled in, or a page's
};

std::span<const Component> components();

}  // namespace mamba::admin
