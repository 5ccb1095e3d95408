// One box over everything that has a name.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "admin-ui/api/links.h"
#include "admin-ui/api/live.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/asking.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "broker/config/config_keys.h"
#include "protocol/messages/list_groups.h"

namespace mamba::admin {
namespace {

constexpr std::size_t hits_max = 8;           // of each type
constexpr std::size_t query_bytes_max = 250;  // no name is longer

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

// 0: begins with it, 1: contains it, 2: has its letters in their order; nothing: does not match.
std::optional<int> rank_of(std::string_view name, std::string_view wanted) {
    const std::string text = lower(name);
    const std::size_t at = text.find(wanted);
    if (at != std::string::npos) return at == 0 ? 0 : 1;
    std::size_t found = 0;
    for (const char c : text) {
        if (found < wanted.size() && c == wanted[found]) ++found;
    }
    if (found == wanted.size()) return 2;
    return std::nullopt;
}

struct Hit {
    int rank = 0;
    std::string name;
    std::string detail;
    std::string link;
};

// Of one type: collects, and keeps the best.
class Hits {
public:
    Hits(std::string_view type, std::string_view wanted) : type_(type), wanted_(wanted) {}

    template <class Detail, class Link>
    void offer(std::string_view name, const Detail& detail, const Link& link) {
        if (const auto rank = rank_of(name, wanted_)) hits_.push_back({*rank, std::string(name), detail(), link()});
    }
    void append_to(json::array& all) {
        const auto better = [](const Hit& a, const Hit& b) {
            return std::tie(a.rank, a.name) < std::tie(b.rank, b.name);
        };
        const std::size_t count = std::min(hits_max, hits_.size());
        std::ranges::partial_sort(hits_, hits_.begin() + static_cast<std::ptrdiff_t>(count), better);
        for (std::size_t i = 0; i < count; ++i) {
            all.push_back({{"type", type_},
                           {"name", text_of(hits_[i].name)},
                           {"detail", text_of(hits_[i].detail)},
                           {"link", hits_[i].link},
                           {"at_ms", nullptr}});
        }
    }

private:
    const std::string_view type_;
    const std::string_view wanted_;
    std::vector<Hit> hits_;
};

std::string words_of(std::string_view type) {
    std::string words = lower(type);
    std::ranges::replace(words, '_', ' ');
    return words;
}

// What has happened lately, newest first: events that have every word that is wanted.
void append_events(Console& console, std::string_view wanted, json::array& all) {
    const auto events = console.broker().observations->events.since(0).events;
    std::size_t found = 0;
    for (auto event = events.rbegin(); event != events.rend() && found < hits_max; ++event) {
        const json::object shown = event_object(*event);
        const std::string name = fmt::format("{} {}", words_of(shown.at("type").get_string()), event->subject);
        const std::string text = lower(name + " " + event->detail);
        std::string_view left = wanted;
        bool has_all = true;
        while (has_all && !left.empty()) {
            const std::string_view word = left.substr(0, left.find(' '));
            has_all = text.find(word) != std::string::npos;
            left.remove_prefix(std::min(left.size(), word.size() + 1));
        }
        if (!has_all) continue;
        ++found;
        all.push_back({{"type", "event"},
                       {"name", text_of(name)},
                       {"detail", shown.at("detail")},
                       {"link", shown.at("link").is_null() ? json::value("/overview") : shown.at("link")},
                       {"at_ms", shown.at("at_ms")}});
    }
}

Response search(Console& console, const Request& request, Captures) {
    const std::string wanted = lower(request.parameter("q").value_or(""));
    if (wanted.size() > query_bytes_max) return refuse(request, {.message = "q is too long"});
    json::array all;
    if (wanted.empty()) return ok({{"hits", std::move(all)}});

    Hits topics("topic", wanted);
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    for (const TopicSample& topic : sample->topics) {
        topics.offer(
            topic.name, [&] { return std::to_string(topic.partitions) + " partitions"; },
            [&] { return topic_link(topic.name); });
    }
    topics.append_to(all);

    Hits groups("group", wanted);
    const auto listed = ask<protocol::ListGroupsResponse>(console, request, protocol::ListGroupsRequest());
    if (listed) {
        for (const auto& group : listed->groups) {
            groups.offer(group.group_id, [&] { return group.group_state; }, [&] { return group_link(group.group_id); });
        }
    }
    groups.append_to(all);

    Hits brokers("broker", wanted);
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    for (const auto& [id, broker] : image->brokers()) {
        const std::string number = std::to_string(id.value);
        const std::string host = broker.endpoints.empty() ? std::string() : broker.endpoints.front().host;
        brokers.offer(number + " " + host, [] { return std::string("broker"); }, [&] { return "/brokers/" + number; });
    }
    brokers.append_to(all);

    Hits clients("client", wanted);
    Hits principals("principal", wanted);
    const auto looked = console.connections().look(std::chrono::steady_clock::now(), wall_clock());
    std::map<std::string, std::size_t> by_client;
    std::map<std::string, std::size_t> by_principal;
    for (const WatchedConnection& one : looked->all) {
        ++by_client[one.info.client.client_id];
        ++by_principal[one.info.client.principal];
    }
    const auto offer_counted = [](Hits& hits, const auto& counted) {
        for (const auto& [name, count] : counted) {
            if (name.empty()) continue;
            hits.offer(
                name, [&] { return std::to_string(count) + (count == 1 ? " connection" : " connections"); },
                [&] { return "/clients/connections?q=" + encode_segment(name); });
        }
    };
    offer_counted(clients, by_client);
    offer_counted(principals, by_principal);
    clients.append_to(all);
    principals.append_to(all);

    Hits settings("config", wanted);
    for (const broker::ConfigKey& key : config_keys(broker::ConfigScope::broker)) {
        settings.offer(
            key.name, [&] { return std::string(key.documentation); },
            [&] {
                return "/brokers/" + std::to_string(console.broker_id().value) +
                       "/config?q=" + encode_segment(key.name);
            });
    }
    settings.append_to(all);
    append_events(console, wanted, all);
    return ok({{"hits", std::move(all)}});
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/search", search, false, "DESCRIBE of each"},
};

}  // namespace

std::span<const Route> search_routes() {
    return routes;
}

}  // namespace mamba::admin
