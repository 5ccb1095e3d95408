#include "admin-ui/member_positions.h"

#include "broker/group/java_address.h"

namespace mamba::admin {

MemberPositions::MemberPositions(const broker::GroupSnapshot& group, const Connections& connections) {
    for (const auto& member : group.members) by_client_.try_emplace({member.client_id, member.client_host});
    for (const WatchedConnection& connection : connections.all) {
        const broker::Client& client = connection.info.client;
        const auto known = by_client_.find({client.client_id, broker::java_address(client.host)});
        if (known == by_client_.end()) continue;
        for (const broker::FetchedFrom& one : client.fetched) {
            const auto [at, is_new] = known->second.try_emplace({one.topic_id, one.partition}, one.offset);
            if (!is_new && at->second != one.offset) at->second.reset();
        }
    }
}

std::optional<Offset> MemberPositions::find(const broker::GroupSnapshot::Member& member, const Uuid& topic_id,
                                            PartitionIndex partition) const {
    const auto client = by_client_.find({member.client_id, member.client_host});
    if (client == by_client_.end()) return std::nullopt;
    const auto read = client->second.find({topic_id, partition});
    return read == client->second.end() ? std::nullopt : read->second;
}

}  // namespace mamba::admin
