// A group coordinator's log: one partition of __consumer_offsets.
#pragma once

#include <memory>

#include "broker/group/group_service.h"
#include "broker/partition.h"
#include "protocol/compression.h"

namespace mamba::broker {

class GroupLog final : public CoordinatorLog {
public:
    explicit GroupLog(std::shared_ptr<Partition> partition) : partition_(std::move(partition)) {}

    ErrorCode append(std::vector<CoordinatorRecord> records, Timestamp now,
                     std::move_only_function<void(ErrorCode)> on_commit) override;
    ErrorCode read_all(
        const std::function<void(BytesView key, std::optional<BytesView> value)>& on_record) override;

private:
    std::shared_ptr<Partition> partition_;
};

}  // namespace mamba::broker
