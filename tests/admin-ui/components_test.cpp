#include "admin-ui/components.h"

#include <gtest/gtest.h>
#include <link.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <string>

namespace mamba::admin {
namespace {

// The shared libraries of this test, which are the program's: "libz" of "/lib/x86_64-linux-gnu/libz.so.1".
std::set<std::string> loaded_libraries() {
    std::set<std::string> names;
    const auto note = [](dl_phdr_info* info, std::size_t, void* to) {
        const std::string file = std::filesystem::path(info->dlpi_name).filename();
        const std::size_t end = file.find(".so");
        const bool is_library = file.starts_with("lib") && end != std::string::npos;
        if (is_library) static_cast<std::set<std::string>*>(to)->insert(file.substr(0, end));
        return 0;
    };
    ::dl_iterate_phdr(note, &names);
    return names;
}

TEST(Components, AreThoseThatAreLinked) {
    std::set<std::string> listed;
    for (const Component& component : components()) {
        std::istringstream words{std::string(component.libraries)};
        for (std::string word; words >> word;) listed.insert(word);
    }
    const std::set<std::string> loaded = loaded_libraries();
    for (const std::string& library : loaded) EXPECT_TRUE(listed.contains(library)) << library << " is not listed";
    listed.erase("libresolv");  // sanitizers bring it in
    for (const std::string& library : listed) EXPECT_TRUE(loaded.contains(library)) << library << " is not linked";
}

}  // namespace
}  // namespace mamba::admin
