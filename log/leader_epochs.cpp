#include "log/leader_epochs.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <iterator>

#include "log/checkpoint_text.h"

namespace mamba::log {

bool LeaderEpochs::assign(LeaderEpoch epoch, Offset start_offset) {
    assert(epoch.value >= 0 && start_offset.value >= 0);
    if (!entries_.empty() && entries_.back().epoch == epoch &&
        entries_.back().start_offset <= start_offset) {
        return false;
    }
    while (!entries_.empty() &&
           (entries_.back().epoch >= epoch || entries_.back().start_offset >= start_offset)) {
        entries_.pop_back();
    }
    entries_.push_back({.epoch = epoch, .start_offset = start_offset});
    return true;
}

LeaderEpochs::EndOffset LeaderEpochs::end_offset_for(LeaderEpoch epoch,
                                                     Offset log_end_offset) const {
    if (epoch == no_leader_epoch || entries_.empty()) return {};
    if (epoch == latest()) return {.epoch = epoch, .end_offset = log_end_offset};
    const auto higher = std::ranges::upper_bound(entries_, epoch, {}, &Entry::epoch);
    if (higher == entries_.end()) return {};
    if (higher == entries_.begin()) return {.epoch = epoch, .end_offset = higher->start_offset};
    return {.epoch = std::prev(higher)->epoch, .end_offset = higher->start_offset};
}

std::optional<LeaderEpoch> LeaderEpochs::epoch_at(Offset offset) const {
    const auto after = std::ranges::upper_bound(entries_, offset, {}, &Entry::start_offset);
    if (after == entries_.begin()) return std::nullopt;
    return std::prev(after)->epoch;
}

bool LeaderEpochs::truncate_from_end(Offset end_offset) {
    const auto first_gone =
        std::ranges::lower_bound(entries_, end_offset, {}, &Entry::start_offset);
    const bool changed = first_gone != entries_.end();
    entries_.erase(first_gone, entries_.end());
    return changed;
}

bool LeaderEpochs::truncate_from_start(Offset start_offset) {
    const auto after = std::ranges::upper_bound(entries_, start_offset, {}, &Entry::start_offset);
    if (after == entries_.begin()) return false;
    // The epoch that holds `start_offset` stays and now starts there.
    const auto first = std::prev(after);
    if (first == entries_.begin() && first->start_offset == start_offset) return false;
    first->start_offset = start_offset;
    entries_.erase(entries_.begin(), first);
    return true;
}

std::string LeaderEpochs::format() const {
    std::string text = "0\n" + std::to_string(entries_.size()) + '\n';
    for (const Entry& entry : entries_) {
        text += std::to_string(entry.epoch.value);
        text += ' ';
        text += std::to_string(entry.start_offset.value);
        text += '\n';
    }
    return text;
}

std::expected<LeaderEpochs, Error> LeaderEpochs::parse(std::string_view text) {
    LeaderEpochs epochs;
    CheckpointLines lines(text, "leader-epoch-checkpoint");
    while (const auto line = lines.next()) {
        Entry entry;
        const auto space = line->find(' ');
        if (space == std::string_view::npos ||
            !parse_decimal(line->substr(0, space), entry.epoch.value) ||
            !parse_decimal(line->substr(space + 1), entry.start_offset.value) ||
            entry.epoch.value < 0 || entry.start_offset.value < 0) {
            return std::unexpected(lines.corrupt("expected an epoch and an offset"));
        }
        // Kafka reads a list that is out of order by letting later lines win; so does assign().
        epochs.assign(entry.epoch, entry.start_offset);
    }
    if (lines.error()) return std::unexpected(*lines.error());
    return epochs;
}

}  // namespace mamba::log
