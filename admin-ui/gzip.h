// Compression for HTTP bodies.
#pragma once

#include <string>
#include <string_view>

namespace mamba::admin {

// As gzip, fast rather than small: level 6 costs four times the CPU for a tenth less.
std::string gzip(std::string_view bytes);
// Of what the build compressed itself; empty when it is no gzip.
std::string gunzip(std::string_view bytes);

}  // namespace mamba::admin
