// A log of __consumer_offsets made of any bytes: each record is a byte for the key's size, one for
// the value's (255: a tombstone), then both. Loading it, letting time pass and loading again must
// work.
#include <cassert>
#include <cstdint>
#include <span>

#include "broker/group/group_coordinator.h"

using namespace mamba;
using namespace mamba::broker;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    BytesView rest = std::as_bytes(std::span(data, size));
    const auto take = [&](std::size_t bytes) {
        const BytesView taken = rest.first(std::min(bytes, rest.size()));
        rest = rest.subspan(taken.size());
        return taken;
    };
    GroupCoordinator core({}, [] { return std::string("id"); });
    while (rest.size() >= 2) {
        const auto key_size = static_cast<std::size_t>(rest[0]);
        const auto value_size = static_cast<std::size_t>(rest[1]);
        take(2);
        const BytesView key = take(key_size);
        core.replay(key, value_size == 255 ? std::nullopt : std::optional(take(value_size)));
    }
    Now now{.instant = Instant{}, .wall = Timestamp{1'700'000'000'000}};
    core.settle(core.on_loaded(now), ErrorCode::none, now);
    for (int events = 0; events < 100; ++events) {
        const auto due = core.next_deadline();
        if (!due) break;
        now.instant = std::max(now.instant, *due);
        now.wall = now.wall + 60'000;
        core.settle(core.tick(now), ErrorCode::none, now);
        core.describe_waiting(now.instant);
    }
    return 0;
}
