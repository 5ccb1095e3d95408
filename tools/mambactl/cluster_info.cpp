#include "tools/mambactl/cluster_info.h"

#include <fmt/format.h>

#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_log_dirs.h"
#include "tools/mambactl/table.h"

namespace mamba::ctl {
namespace {

std::expected<protocol::DescribeClusterResponse, Error> ask(Session& session) {
    auto answer = session.cluster.any().call<protocol::DescribeClusterResponse>(
        protocol::DescribeClusterRequest());
    if (!answer) return answer;
    const Outcome checked = check("describe cluster", answer->error_code, answer->error_message);
    if (!checked) return std::unexpected(checked.error());
    return answer;
}

Cell known(std::int64_t value) {
    return value < 0 ? Cell(Nothing()) : Cell(value);
}

}  // namespace

Outcome describe_cluster(Session& session) {
    const auto cluster = ask(session);
    if (!cluster) return std::unexpected(cluster.error());
    const auto metadata = session.cluster.metadata();
    if (!metadata) return std::unexpected(metadata.error());
    std::size_t partitions = 0;
    std::int64_t without_leader = 0;
    for (const auto& topic : metadata->topics) {
        partitions += topic.partitions.size();
        without_leader += std::ranges::count_if(
            topic.partitions, [](const auto& partition) { return partition.leader_id < 0; });
    }
    Table table({"cluster", "controller", "brokers", "topics", "partitions", "without_leader"});
    table.add({cluster->cluster_id, std::int64_t{cluster->controller_id},
               static_cast<std::int64_t>(cluster->brokers.size()),
               static_cast<std::int64_t>(metadata->topics.size()),
               static_cast<std::int64_t>(partitions), without_leader});
    fmt::print("{}", table.show(session.as_json));
    return {};
}

Outcome list_brokers(Session& session) {
    const auto cluster = ask(session);
    if (!cluster) return std::unexpected(cluster.error());
    Table table({"broker", "host", "port", "rack", "controller"});
    for (const auto& broker : cluster->brokers) {
        table.add({std::int64_t{broker.broker_id}, broker.host, std::int64_t{broker.port},
                   broker.rack ? Cell(*broker.rack) : Cell(Nothing()),
                   broker.broker_id == cluster->controller_id});
    }
    fmt::print("{}", table.show(session.as_json));
    return {};
}

Outcome list_log_dirs(Session& session) {
    const auto cluster = ask(session);
    if (!cluster) return std::unexpected(cluster.error());
    protocol::DescribeLogDirsRequest request;
    request.topics.reset();
    Table table(
        {"broker", "log_dir", "partitions", "bytes", "total_bytes", "usable_bytes", "error"});
    for (const auto& broker : cluster->brokers) {
        const auto connection = session.cluster.broker(BrokerId(broker.broker_id));
        if (!connection) return std::unexpected(connection.error());
        const auto answer = (*connection)->call<protocol::DescribeLogDirsResponse>(request);
        if (!answer) return std::unexpected(answer.error());
        for (const auto& dir : answer->results) {
            std::int64_t bytes = 0;
            std::int64_t partitions = 0;
            for (const auto& topic : dir.topics) {
                for (const auto& partition : topic.partitions) bytes += partition.partition_size;
                partitions += static_cast<std::int64_t>(topic.partitions.size());
            }
            Cell error = Nothing();
            if (dir.error_code != 0) {
                error = std::string(name_of(static_cast<ErrorCode>(dir.error_code)));
            }
            table.add({std::int64_t{broker.broker_id}, dir.log_dir, partitions, bytes,
                       known(dir.total_bytes), known(dir.usable_bytes), error});
        }
    }
    fmt::print("{}", table.show(session.as_json));
    return {};
}

}  // namespace mamba::ctl
