// DescribeLogDirs: which partitions lie where, how large they are, and how much room is left.
// Source: KIP-113, KIP-827 (bytes of the volume).
#include <sys/statvfs.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "protocol/messages/describe_log_dirs.h"

namespace mamba::broker {
namespace {

using protocol::DescribeLogDirsResponse;

std::string absolute(const std::string& path) {
    std::error_code ignored;
    const auto full = std::filesystem::absolute(path, ignored);
    return ignored ? path : full.lexically_normal().string();
}

}  // namespace

void on_describe_log_dirs(Broker& broker, const protocol::DescribeLogDirsRequest& request, const RequestContext&,
                          Reply<DescribeLogDirsResponse> reply) {
    std::optional<std::set<TopicPartition>> wanted;
    if (request.topics) {
        wanted.emplace();
        for (const auto& topic : *request.topics) {
            for (const std::int32_t partition : topic.partitions) {
                wanted->insert({std::string(topic.topic), PartitionIndex(partition)});
            }
        }
    }
    // The file system may be slow to answer: off the io thread.
    broker.workers->submit([&broker, wanted = std::move(wanted), reply = std::move(reply)]() mutable {
        DescribeLogDirsResponse response;
        const auto partitions = broker.partitions->all();
        for (const auto& dir : broker.partitions->dirs()) {
            auto& result = response.results.emplace_back();
            result.log_dir = absolute(dir->dir->path());
            if (dir->dir->offline()) {
                result.error_code = to_wire(ErrorCode::kafka_storage_error);
                continue;
            }
            struct statvfs volume{};
            if (::statvfs(dir->dir->path().c_str(), &volume) == 0) {
                result.total_bytes = static_cast<std::int64_t>(volume.f_blocks * volume.f_frsize);
                result.usable_bytes = static_cast<std::int64_t>(volume.f_bavail * volume.f_frsize);
            }
            std::map<std::string, DescribeLogDirsResponse::DescribeLogDirsTopic> topics;
            for (const auto& partition : partitions) {
                if (broker.partitions->dir_of(*partition) != dir.get()) continue;
                if (wanted && !wanted->contains(partition->name())) continue;
                auto& topic = topics[partition->name().topic];
                topic.name = partition->name().topic;
                auto& entry = topic.partitions.emplace_back();
                entry.partition_index = partition->name().partition.value;
                entry.partition_size = partition->size_bytes();
            }
            for (auto& [name, topic] : topics) result.topics.push_back(std::move(topic));
        }
        reply(std::move(response));
    });
}

}  // namespace mamba::broker
