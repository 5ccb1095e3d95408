// Who decides about the cluster's metadata, and where it lies. One node decides alone and keeps it in a file of
// its own: it leads without an election, so there is no epoch, and no log that others would have to follow.
#include <filesystem>

#include "admin-ui/api/routes.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "broker/start.h"

namespace mamba::admin {
namespace {

// Of the store's file and what SQLite keeps beside it; null when the disk does not say.
json::value bytes_of(const std::filesystem::path& file) {
    std::error_code failed;
    std::uintmax_t bytes = std::filesystem::file_size(file, failed);
    if (failed) return nullptr;
    for (const char* beside : {"-wal", "-journal"}) {
        const std::uintmax_t more = std::filesystem::file_size(file.string() + beside, failed);
        if (!failed) bytes += more;
    }
    return exact(static_cast<std::uint64_t>(bytes));
}

Response quorum(Console& console, const Request&, Captures) {
    const std::filesystem::path file = broker::metadata_file(*console.broker().partitions);
    const json::object self{{"broker_id", console.broker_id().value},
                            {"is_leader", true},
                            {"log_end_offset", nullptr},
                            {"lag", nullptr},
                            {"last_caught_up_ms", nullptr}};
    return ok({{"leader_id", console.broker_id().value},
               {"leader_epoch", nullptr},
               {"high_watermark", nullptr},
               {"voters", json::array{self}},
               {"observers", json::array()},
               {"store",
                {{"kind", "SQLITE"},
                 {"path", text_of(file.string())},
                 {"revision", exact(console.broker().metadata->revision().value)},
                 {"size", bytes_of(file)}}}});
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/quorum", quorum, false, "DESCRIBE cluster"},
};

}  // namespace

std::span<const Route> quorum_routes() { return routes; }

}  // namespace mamba::admin
