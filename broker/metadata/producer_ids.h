// Gives out producer ids from blocks that the metadata service reserves, so that only one id in a
// thousand costs a commit. An id is never given out twice, not even after a crash: what is left of a
// block is lost then.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "broker/metadata/metadata_service.h"

namespace mamba::broker {

class ProducerIds {
public:
    using OnId = std::move_only_function<void(std::expected<ProducerId, Refusal>)>;

    // Borrows the service, which must be stopped before this goes.
    explicit ProducerIds(MetadataService& service) : service_(&service) {}

    // From any thread. `done` is called at once when the block holds an id, otherwise on the
    // service's thread.
    void next(OnId done);

private:
    void on_block(MetadataService::Outcome<AllocateProducerIds> outcome);

    static constexpr std::size_t waiting_max = 10'000;

    MetadataService* service_;
    std::mutex mutex_;  // guards what follows
    ProducerId first_{0};
    std::int32_t left_ = 0;
    std::vector<OnId> waiting_;  // not empty: a block has been asked for
};

}  // namespace mamba::broker
