// How far the members of groups have read, which no commit tells: the offset that each has asked for last.
//
// A member's connection is known by its client id and host alone. Where two such connections read one
// partition at different offsets, nobody knows whose is whose, and there is no position.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "admin-ui/connection_watch.h"
#include "broker/group/group_snapshot.h"

namespace mamba::admin {

class MemberPositions {
public:
    MemberPositions(const broker::GroupSnapshot& group, const Connections& connections);

    // Nothing when it has not asked for records of it since it connected.
    std::optional<Offset> find(const broker::GroupSnapshot::Member& member, const Uuid& topic_id,
                               PartitionIndex partition) const;

private:
    using Client = std::pair<std::string, std::string>;  // id; host, as a group writes it
    using Read = std::map<std::pair<Uuid, PartitionIndex>, std::optional<Offset>>;

    std::map<Client, Read> by_client_;
};

}  // namespace mamba::admin
