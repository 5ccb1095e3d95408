// Who is connected and how it goes, and which software they are.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "admin-ui/api/live.h"
#include "admin-ui/api/paging.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "broker/group/java_address.h"
#include "protocol/api.h"

namespace mamba::admin {
namespace {

using broker::ConnectionInfo;
using broker::GroupSnapshot;
using protocol::ApiKey;

constexpr std::uint64_t slow_reader_bytes = 256 * 1024;  // of answers that lie there untaken
constexpr std::size_t churn_max = 30;                    // connections of one client within a minute

bool has_asked(const broker::Client& client, std::initializer_list<ApiKey> apis) {
    return std::ranges::any_of(apis, [&](ApiKey key) { return client.apis.test(static_cast<std::size_t>(key)); });
}

// From the APIs that it has used: what it says of itself is no proof.
std::string_view kind_of(const broker::Client& client) {
    if (has_asked(client, {ApiKey::produce, ApiKey::init_producer_id})) return "PRODUCER";
    if (has_asked(client, {ApiKey::fetch, ApiKey::join_group, ApiKey::heartbeat, ApiKey::offset_commit}))
        return "CONSUMER";
    if (has_asked(client,
                  {ApiKey::create_topics, ApiKey::delete_topics, ApiKey::create_partitions, ApiKey::describe_configs,
                   ApiKey::incremental_alter_configs, ApiKey::alter_configs, ApiKey::list_groups,
                   ApiKey::describe_groups, ApiKey::delete_groups, ApiKey::describe_cluster, ApiKey::describe_log_dirs,
                   ApiKey::delete_records, ApiKey::offset_delete})) {
        return "ADMIN";
    }
    return "UNKNOWN";
}

// Members of groups by the client that they are; two that cannot be told apart are nobody.
struct Membership {
    std::string group;
    std::string member;
    bool is_ambiguous = false;
};
using Memberships = std::map<std::pair<std::string, std::string>, Membership>;

Memberships memberships_of(Console& console) {
    Memberships all;
    const broker::Now now{std::chrono::steady_clock::now(), wall_clock()};
    for (const GroupSnapshot& group : console.broker().groups->snapshot(now)) {
        for (const GroupSnapshot::Member& member : group.members) {
            const auto [at, is_first] = all.try_emplace({member.client_id, member.client_host}, group.id, member.id);
            if (is_first) continue;
            at->second.is_ambiguous = at->second.is_ambiguous || at->second.group != group.id;
            at->second.member.clear();
        }
    }
    return all;
}

constexpr std::size_t topics_in_list_max = 5;  // of each connection

// Busiest first; topics that have been deleted since are left out.
json::array topics_of(const WatchedConnection& watched, const broker::ClusterImage& image, std::size_t max) {
    json::array topics;
    for (const TopicRate& rate : watched.topics) {
        if (topics.size() == max) break;
        const broker::TopicState* topic = image.find_topic(rate.topic_id);
        if (topic == nullptr) continue;
        topics.push_back({{"topic", topic->name},
                          {"bytes_in", number_or_null(rate.bytes_in)},
                          {"bytes_out", number_or_null(rate.bytes_out)}});
    }
    return topics;
}

json::object describe(const WatchedConnection& watched, broker::Instant now, Timestamp wall,
                      const Memberships& memberships) {
    const ConnectionInfo& info = watched.info;
    const broker::Client& client = info.client;
    const auto ms_since = [&](broker::Instant then) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(now - then).count();
    };
    const std::string_view kind = kind_of(client);
    const Membership* membership = nullptr;
    const auto found = memberships.find({client.client_id, broker::java_address(client.host)});
    if (found != memberships.end()) {
        if (kind == "CONSUMER" && !found->second.is_ambiguous) membership = &found->second;
    }
    return {{"id", std::to_string(info.id)},
            {"client_id", text_of(client.client_id)},
            {"principal", text_of(client.principal)},
            {"address", client.host},
            {"port", info.port},
            {"listener", client.listener},
            {"software_name", text_or_null(client.software_name)},
            {"software_version", text_or_null(client.software_version)},
            {"kind", kind},
            {"bytes_in", number_or_null(watched.bytes_in)},
            {"bytes_out", number_or_null(watched.bytes_out)},
            {"requests", number_or_null(watched.requests)},
            {"bytes_in_total", exact(info.bytes_in)},
            {"bytes_out_total", exact(info.bytes_out)},
            {"requests_total", exact(info.requests)},
            {"errors", exact(info.errors)},
            {"in_flight", info.in_flight},
            {"throttled_ms", 0},
            {"send_queue", exact(info.unsent)},
            {"send_blocks", exact(info.send_blocks)},
            {"slow_reader", info.unsent >= slow_reader_bytes},
            {"group", membership == nullptr ? json::value() : json::value(text_of(membership->group))},
            {"member_id", membership == nullptr ? json::value() : text_or_null(membership->member)},
            {"transactional_id", nullptr},
            {"tls", nullptr},
            {"connected_ms", wall.value - ms_since(info.connected)},
            {"idle_ms", std::max<std::int64_t>(0, ms_since(info.last_activity))}};
}

Response connections(Console& console, const Request& request, Captures) {
    const auto looked = console.connections().look(std::chrono::steady_clock::now(), wall_clock());
    const auto page = read_page(request, looked->all.size());
    if (!page) return refuse(request, page.error());
    const Memberships memberships = memberships_of(console);
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    json::array data;
    for (std::size_t i = page->begin; i < page->end; ++i) {
        json::object row = describe(looked->all[i], looked->at, looked->wall, memberships);
        row["topics"] = topics_of(looked->all[i], *image, topics_in_list_max);
        data.push_back(std::move(row));
    }
    return ok(list_of(std::move(data), *page));
}

// What can be said against a client by what it does here.
json::array warnings_of(const Connections& connections, const WatchedConnection& watched) {
    json::array warnings;
    const ConnectionInfo& info = watched.info;
    const std::string_view kind = kind_of(info.client);
    if (info.client.software_name.empty()) {
        warnings.emplace_back("It has not said which software it is: ApiVersions 3 or later tells.");
    }
    if (info.unsent >= slow_reader_bytes) {
        warnings.emplace_back(
            fmt::format("It reads slower than it asks: {} bytes of answers wait for it.", info.unsent));
    }
    if (info.requests >= 100 && info.errors * 100 >= info.requests) {
        warnings.emplace_back(
            fmt::format("{} of its {} requests were answered with an error.", info.errors, info.requests));
    }
    const double requests = watched.requests.value_or(0);
    if (kind == "CONSUMER" && requests >= 50 && watched.bytes_out.value_or(0) < requests * 256) {
        warnings.emplace_back(
            fmt::format("It asks {:.0f} times a second for {:.0f} bytes each: a larger fetch.min.bytes or "
                        "fetch.max.wait.ms spares both sides work.",
                        requests, *watched.bytes_out / requests));
    }
    if (kind == "PRODUCER" && requests >= 200 && watched.bytes_in.value_or(0) < requests * 512) {
        warnings.emplace_back(
            fmt::format("It sends {:.0f} requests a second of {:.0f} bytes each: a linger.ms of a few "
                        "milliseconds makes batches of them.",
                        requests, *watched.bytes_in / requests));
    }
    const auto is_young_sibling = [&](const WatchedConnection& other) {
        return other.info.client.client_id == info.client.client_id && other.info.client.host == info.client.host &&
               connections.at - other.info.connected < std::chrono::minutes(1);
    };
    const auto young = static_cast<std::size_t>(std::ranges::count_if(connections.all, is_young_sibling));
    if (young > churn_max)
        warnings.emplace_back(fmt::format("It has opened {} connections within the last minute.", young));
    return warnings;
}

// What its requests wait for now. Of those that wait for other members of their group, the client id
// alone tells whose they are.
json::array waiting_of(Console& console, const ConnectionInfo& info) {
    json::array own;
    const json::string id = exact(info.id);
    const bool may_be_joining = info.in_flight > 0 && has_asked(info.client, {ApiKey::join_group, ApiKey::sync_group});
    for (json::value& waiting : waiting_array(console)) {
        json::object& one = waiting.as_object();
        const bool is_joining = one["kind"] == "JOIN" || one["kind"] == "SYNC";
        if (is_joining && may_be_joining && one["client_id"] == text_of(info.client.client_id))
            one["connection_id"] = id;
        if (one["connection_id"] == id) own.push_back(std::move(waiting));
    }
    return own;
}

json::array phases_of(const broker::RecentRequest& request) {
    json::array phases{{{"phase", "LOCAL"}, {"us", request.local_us}}};
    if (request.waited_us > 0) {
        const bool is_flush = request.api_key == static_cast<std::int16_t>(ApiKey::produce);
        phases.push_back({{"phase", is_flush ? "FSYNC" : "PURGATORY"}, {"us", request.waited_us}});
    }
    phases.push_back({{"phase", "SEND"}, {"us", request.sent_us}});
    return phases;
}

json::array recent_of(const broker::ConnectionDetail& detail, broker::Instant now, Timestamp wall) {
    const broker::Client& client = detail.info.client;
    json::array all;
    for (const broker::RecentRequest& one : detail.recent) {
        const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - one.received).count();
        all.push_back({{"at_ms", wall.value - age},
                       {"api", api_name(one.api_key)},
                       {"version", one.version},
                       {"client_id", text_of(client.client_id)},
                       {"principal", text_of(client.principal)},
                       {"address", client.host},
                       {"connection_id", exact(detail.info.id)},
                       {"topic", nullptr},
                       {"total_us", std::int64_t{one.local_us} + one.waited_us + one.sent_us},
                       {"phases", phases_of(one)},
                       {"bytes_in", one.bytes_in},
                       {"bytes_out", one.bytes_out},
                       {"error", one.error == ErrorCode::none ? json::value() : json::value(name_of(one.error))}});
    }
    return all;
}

Response connection(Console& console, const Request& request, Captures captures) {
    const auto id = read_number(captures[0]);
    auto detail = id ? console.activity().connection(static_cast<std::uint64_t>(*id)) : std::nullopt;
    if (!detail) return refuse(request, {.status = 404, .message = "there is no such connection, or no longer"});
    const broker::Instant now = std::chrono::steady_clock::now();
    const Timestamp wall = wall_clock();
    const auto looked = console.connections().look(now, wall);
    WatchedConnection watched{.info = detail->info, .bytes_in = {}, .bytes_out = {}, .requests = {}, .topics = {}};
    const auto same =
        std::ranges::find(looked->all, watched.info.id, [](const WatchedConnection& one) { return one.info.id; });
    if (same != looked->all.end()) {
        watched = *same;
        watched.info = detail->info;
    }
    json::object body = describe(watched, now, wall, memberships_of(console));
    json::array uses;
    for (const broker::ApiUse& use : detail->uses) {
        uses.push_back({{"api_key", use.api_key},
                        {"api", api_name(use.api_key)},
                        {"version", use.version},
                        {"count", exact(use.count)}});
    }
    body["api_versions"] = std::move(uses);
    body["waiting"] = waiting_of(console, watched.info);
    body["recent"] = recent_of(*detail, now, wall);
    body["topics"] = topics_of(watched, *console.broker().metadata->image(), broker::ClientTopics::topics_max);
    body["warnings"] = warnings_of(*looked, watched);
    return ok(body);
}

Response close(Console& console, const Request& request, Captures captures) {
    const auto id = read_number(captures[0]);
    const bool closed = id && console.activity().close_connection(static_cast<std::uint64_t>(*id),
                                                                  "closed in the console by " + request.principal);
    if (!closed) return refuse(request, {.status = 404, .message = "there is no such connection, or no longer"});
    return no_content();
}

Response software(Console& console, const Request&, Captures) {
    const auto looked = console.connections().look(std::chrono::steady_clock::now(), wall_clock());
    struct Users {
        std::int64_t connections = 0;
        std::set<std::string> client_ids;
        std::set<std::string> principals;
    };
    std::map<SoftwareName, Users> now;
    for (const WatchedConnection& one : looked->all) {
        const broker::Client& client = one.info.client;
        Users& users = now[{client.software_name, client.software_version}];
        ++users.connections;
        users.client_ids.insert(client.client_id);
        users.principals.insert(client.principal);
    }
    json::array data;
    for (const auto& [name, seen] : console.connections().software()) {
        const Users& users = now[name];
        data.push_back({{"name", text_or_null(name.first)},
                        {"version", text_or_null(name.second)},
                        {"connections", users.connections},
                        {"client_ids", users.client_ids.size()},
                        {"principals", users.principals.size()},
                        {"first_seen_ms", seen.first.value},
                        {"last_seen_ms", seen.last.value}});
    }
    return ok({{"data", std::move(data)}, {"next", nullptr}});
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/clients/connections", connections, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/clients/connections/{id}", connection, false, "DESCRIBE cluster"},
    {Method::del, "/api/v1/clients/connections/{id}", close, true, "ALTER cluster"},
    {Method::get, "/api/v1/clients/software", software, false, "DESCRIBE cluster"},
};

}  // namespace

std::span<const Route> client_routes() {
    return routes;
}

}  // namespace mamba::admin
