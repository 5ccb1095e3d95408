#include "admin-ui/components.h"

namespace mamba::admin {

std::span<const Component> components() {
    static constexpr Component all[] = {
        {"Boost", "BSL-1.0", "sockets, HTTP, JSON", "libboost_json libboost_container"},
        {"CLI11", "BSD-3-Clause", "command line", ""},
        {"fmt", "MIT", "text", "libfmt"},
        {"glibc", "LGPL-2.1-or-later", "the C library", "libc libm libresolv"},
        {"Intel ISA-L", "BSD-3-Clause", "checksums", "libisal"},
        {"libstdc++", "GPL-3.0-or-later WITH GCC-exception-3.1", "the C++ library", "libstdc++ libgcc_s"},
        {"LZ4", "BSD-2-Clause", "compression", "liblz4"},
        {"OpenSSL", "Apache-2.0", "random numbers, digests", "libcrypto"},
        {"RE2", "BSD-3-Clause", "patterns in searches", "libre2"},
        {"Snappy", "BSD-3-Clause", "compression", "libsnappy"},
        {"spdlog", "MIT", "the log", "libspdlog"},
        {"SQLite", "blessing", "the cluster's metadata", "libsqlite3"},
        {"zlib", "Zlib", "compression", "libz"},
        {"Zstandard", "BSD-3-Clause", "compression", "libzstd"},
        {"Preact", "MIT", "the console's pages", ""},
        {"@preact/signals", "MIT", "the console's pages", ""},
        {"uPlot", "MIT", "the console's charts", ""},
    };
    return all;
}

}  // namespace mamba::admin
