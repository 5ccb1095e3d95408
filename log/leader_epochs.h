// Which leader epoch wrote which offsets of a partition: a list of (epoch, first offset of that
// epoch), both strictly rising. Two replicas compare it to find where their logs part.
// Sources: KIP-101, KIP-279, KIP-320 (OffsetForLeaderEpoch). Pure; the caller stores the text in
// the partition's `leader-epoch-checkpoint` whenever a call says that the list changed:
//
//     text := "0\n" count "\n" count x (epoch " " start_offset "\n")
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "log/error.h"
#include "protocol/types.h"

namespace mamba::log {

class LeaderEpochs {
public:
    struct Entry {
        LeaderEpoch epoch;
        Offset start_offset;

        friend bool operator==(const Entry&, const Entry&) = default;
    };

    // The answer to OffsetForLeaderEpoch; -1 for both when the epoch is not known.
    struct EndOffset {
        LeaderEpoch epoch = no_leader_epoch;
        Offset end_offset{-1};

        bool known() const { return epoch != no_leader_epoch; }
        friend bool operator==(const EndOffset&, const EndOffset&) = default;
    };

    // A batch of `epoch` was appended at `start_offset`. Entries that contradict it (an epoch or a
    // start at or above) go. True when the list changed. Cheap when the epoch is the latest one.
    bool assign(LeaderEpoch epoch, Offset start_offset);

    // The largest known epoch at or below `epoch`, and the offset after its last record. An epoch
    // below all known ones gives itself with the first known start; one above all is unknown.
    EndOffset end_offset_for(LeaderEpoch epoch, Offset log_end_offset) const;

    // The epoch of the record at `offset`; empty when it lies before the first known start.
    std::optional<LeaderEpoch> epoch_at(Offset offset) const;

    // -1 when no epoch is known.
    LeaderEpoch latest() const {
        return entries_.empty() ? no_leader_epoch : entries_.back().epoch;
    }

    // The log now ends at `end_offset` / starts at `start_offset`. True when the list changed.
    bool truncate_from_end(Offset end_offset);
    bool truncate_from_start(Offset start_offset);

    std::span<const Entry> entries() const { return entries_; }
    void clear() { entries_.clear(); }

    std::string format() const;
    // Errors: corrupt, with the line.
    static std::expected<LeaderEpochs, Error> parse(std::string_view text);

    friend bool operator==(const LeaderEpochs&, const LeaderEpochs&) = default;

private:
    std::vector<Entry> entries_;
};

}  // namespace mamba::log
