// What openapi.json says and what is served are the same.
#include <algorithm>
#include <set>

#include "tests/admin-ui/console_fixture.h"

namespace mamba::admin {
namespace {

class OpenApi : public ConsoleFixture {
protected:
    json::value description() { return json::parse(get("/openapi.json").text); }
};

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

// "GET /topics/{}": the names in braces are each side's own.
std::string operation(std::string_view method, std::string_view path) {
    std::string result = lower(method) + " ";
    bool in_braces = false;
    for (const char c : path) {
        in_braces = in_braces && c != '}';
        if (!in_braces) result += c;
        in_braces = in_braces || c == '{';
    }
    return result;
}

TEST_F(OpenApi, NamesEveryRouteAndNoOther) {
    start();
    std::set<std::string> described;
    for (const auto& [path, methods] : description().at("paths").as_object()) {
        for (const auto& [method, details] : methods.as_object()) described.insert(operation(method, path));
    }
    std::set<std::string> served;
    for (const Route& route : console_->router().routes()) {
        std::string_view pattern = route.pattern;
        if (pattern.starts_with("/kafka/v3")) pattern.remove_prefix(6);
        served.insert(operation(name_of(route.method), pattern));
    }
    for (const std::string& one : served) EXPECT_TRUE(described.contains(one)) << one << " is served and not described";
    for (const std::string& one : described) EXPECT_TRUE(served.contains(one)) << one << " is described and not served";
}

TEST_F(OpenApi, SaysWhatKafkaAsksForEach) {
    start();
    const json::value whole = description();
    for (const Route& route : console_->router().routes()) {
        if (route.operation.empty() || route.pattern.starts_with("/kafka/")) continue;
        for (const auto& [path, methods] : whole.at("paths").as_object()) {
            const std::string method = lower(name_of(route.method));
            if (operation(method, path) != operation(method, route.pattern) || !methods.as_object().contains(method))
                continue;
            const json::value* said = methods.at(method).as_object().if_contains("x-kafka-operation");
            EXPECT_EQ(said == nullptr ? "nothing" : std::string_view(said->as_string()), route.operation)
                << operation(method, path);
        }
    }
}

// A method of an address that has two patterns would never be found.
TEST_F(OpenApi, AddressHasOnePattern) {
    start();
    std::map<std::string, std::string_view> patterns;
    for (const Route& route : console_->router().routes()) {
        const auto [at, is_new] = patterns.emplace(operation("", route.pattern), route.pattern);
        EXPECT_EQ(at->second, route.pattern);
    }
}

TEST_F(OpenApi, EveryReferenceLeadsSomewhere) {
    start();
    const json::value whole = description();
    std::size_t seen = 0;
    const auto look = [&](const auto& self, const json::value& value) -> void {
        if (const json::object* object = value.if_object()) {
            for (const auto& [key, inner] : *object) {
                if (key == "$ref") {
                    boost::system::error_code missing;
                    EXPECT_NE(whole.find_pointer(std::string_view(inner.as_string()).substr(1), missing), nullptr)
                        << inner;
                    ++seen;
                } else {
                    self(self, inner);
                }
            }
        } else if (const json::array* list = value.if_array()) {
            for (const json::value& inner : *list) self(self, inner);
        }
    };
    look(look, whole);
    EXPECT_GT(seen, 200u);
}

// RELIABILITY 6.5: what changes something is never a GET, and a GET of it is no answer.
TEST_F(OpenApi, ChangesAreNeverReads) {
    start();
    for (const Route& route : console_->router().routes()) {
        if (route.changes) EXPECT_NE(route.method, Method::get) << route.pattern;
        if (route.method == Method::get) continue;
        std::string target(route.pattern);
        std::erase_if(target, [](char c) { return c == '{' || c == '}'; });
        const bool is_read_too = std::ranges::any_of(console_->router().routes(), [&](const Route& other) {
            return other.method == Method::get && other.pattern == route.pattern;
        });
        if (!is_read_too) EXPECT_EQ(get(target).status, 405) << target;
    }
}

// Read-only: all that changes something is refused before it is looked at.
TEST_F(OpenApi, ReadOnlyConsoleRefusesEveryChange) {
    start({{"console.read.only", "true"}});
    for (const Route& route : console_->router().routes()) {
        std::string target(route.pattern);
        std::erase_if(target, [](char c) { return c == '{' || c == '}'; });
        if (route.changes) EXPECT_EQ(ask(route.method, target, "{}").status, 403) << target;
    }
}

}  // namespace
}  // namespace mamba::admin
