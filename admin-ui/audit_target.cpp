#include "admin-ui/audit_target.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <vector>

#include "admin-ui/api/group_json.h"
#include "admin-ui/json.h"

namespace mamba::admin {
namespace {

constexpr std::size_t names_max = 20;

struct Kind {
    std::string_view brace;  // of the pattern
    std::string_view word;
};
constexpr std::array kinds{Kind{"{topic}", "topic"}, Kind{"{group}", "group"}, Kind{"{broker}", "broker"},
                           Kind{"{id}", "connection"}};

std::string named(std::string_view kind, std::string_view name) {
    return std::string(kind) + " " + (name.empty() ? "\"\"" : std::string(name));
}

// What POSTs about topics name in their bodies: a clone its copy, "topics:delete" several.
std::vector<std::string> names_in(std::string_view text) {
    boost::system::error_code failed;
    const json::value body = json::parse(text, failed);
    const json::object* fields = body.if_object();
    if (fields == nullptr) return {};
    std::vector<std::string> names;
    for (const std::string_view field : {"name", "topic_name", "topics"}) {
        const json::value* value = fields->if_contains(field);
        if (value == nullptr) continue;
        if (value->is_string()) names.emplace_back(value->get_string());
        if (!value->is_array()) continue;
        for (const json::value& one : value->get_array()) {
            if (one.is_string()) names.emplace_back(one.get_string());
        }
    }
    return names;
}

std::string list_of_topics(const std::vector<std::string>& names) {
    std::string list;
    for (std::size_t i = 0; i < std::min(names.size(), names_max); ++i) {
        if (i > 0) list += ", ";
        list += named("topic", names[i]);
    }
    if (names.size() > names_max) list += " and " + std::to_string(names.size() - names_max) + " more";
    return list;
}

}  // namespace

std::string audit_target_of(const Route& route, Captures captures, const Request& request) {
    const bool names_topics = route.operation == "CREATE topic" || route.operation == "DELETE topic";
    const bool is_of_a_topic = route.pattern.find("{topic}") != std::string_view::npos;
    if (names_topics && (!is_of_a_topic || route.operation == "CREATE topic")) {
        const std::vector<std::string> names = names_in(request.body);
        if (!names.empty()) return list_of_topics(names);
    }
    std::size_t capture = 0;
    std::string_view rest = route.pattern;
    for (std::size_t at = rest.find('{'); at != std::string_view::npos; at = rest.find('{'), ++capture) {
        rest.remove_prefix(at);
        const auto kind = std::ranges::find_if(kinds, [&](const Kind& one) { return rest.starts_with(one.brace); });
        if (kind != kinds.end()) {
            const bool is_group = kind->word == "group";
            return named(kind->word, is_group ? group_id_of(request, captures.subspan(capture)) : captures[capture]);
        }
        rest.remove_prefix(1);
    }
    return std::string(route.operation.substr(route.operation.find(' ') + 1));
}

}  // namespace mamba::admin
