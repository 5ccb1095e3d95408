#include "broker/metadata/producer_ids.h"

namespace mamba::broker {

void ProducerIds::next(OnId done) {
    bool asks = false;
    std::expected<ProducerId, Refusal> now = no_producer_id;
    {
        const std::lock_guard lock(mutex_);
        if (left_ > 0 && waiting_.empty()) {
            now = first_;
            ++first_;
            --left_;
        } else if (waiting_.size() >= waiting_max) {
            now = std::unexpected(Refusal{ErrorCode::coordinator_load_in_progress,
                                          "Too many producers wait for an id."});
        } else {
            asks = waiting_.empty();
            waiting_.push_back(std::move(done));
        }
    }
    if (done) return done(now);
    if (asks) {
        service_->submit(AllocateProducerIds{},
                         MetadataService::OnOutcome<AllocateProducerIds>(
                             [this](auto outcome) { on_block(std::move(outcome)); }));
    }
}

void ProducerIds::on_block(MetadataService::Outcome<AllocateProducerIds> outcome) {
    struct Served {
        OnId done;
        std::expected<ProducerId, Refusal> id;
    };
    std::vector<Served> served;
    bool asks = false;
    {
        const std::lock_guard lock(mutex_);
        if (outcome) {
            first_ = outcome->first;
            left_ = outcome->count;
        }
        std::size_t count = waiting_.size();
        const bool refused = !outcome || outcome->count == 0;
        if (!refused) count = std::min(count, static_cast<std::size_t>(left_));
        for (std::size_t i = 0; i < count; ++i) {
            std::expected<ProducerId, Refusal> id = first_;
            if (refused) {
                id = std::unexpected(outcome ? Refusal{ErrorCode::unknown_server_error,
                                                       "All producer ids have been given out."}
                                             : outcome.error());
            } else {
                ++first_;
                --left_;
            }
            served.push_back({std::move(waiting_[i]), std::move(id)});
        }
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
        asks = !waiting_.empty();
    }
    for (Served& one : served) one.done(std::move(one.id));
    if (asks) {
        service_->submit(AllocateProducerIds{},
                         MetadataService::OnOutcome<AllocateProducerIds>(
                             [this](auto next_outcome) { on_block(std::move(next_outcome)); }));
    }
}

}  // namespace mamba::broker
