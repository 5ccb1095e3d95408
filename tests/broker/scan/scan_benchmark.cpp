// How fast records are searched when they lie in the page cache.
//
//     cmake --build --preset release --target scan_benchmark
//     build/release/bin/scan_benchmark FOLDER [--mb 512] [--record-bytes 1000] [--records-per-batch 100] [--codec none]
//
// Writes a log of one partition into FOLDER, which it removes at the end, and scans it with several filters. MB/s are
// 10^6 bytes of the log a second of this thread's CPU time, best of three. One record in 10,000 matches where it says
// "rare".
#include <fmt/format.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <random>

#include "broker/scan/record_scan.h"
#include "protocol/record_batch_builder.h"

namespace mamba::broker {
namespace {

struct Arguments {
    std::string folder;
    std::int64_t mb = 512;
    std::size_t record_bytes = 1000;
    int records_per_batch = 100;
    std::string codec = "none";
};

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string value_of(std::size_t number, std::size_t bytes, std::mt19937_64& random) {
    constexpr std::string_view words[]{"order",  "customer", "amount",   "pending",
                                       "street", "invoice",  "currency", "EUR"};
    std::string value = fmt::format(R"({{"id":{},"type":"{}","total":{}.{:02},"note":")", number,
                                    number % 10'000 == 7 ? "refund" : "sale", random() % 500, random() % 100);
    while (value.size() + 12 < bytes) value.append(words[random() % 8]).append(" ");
    return value + "\"}";
}

std::shared_ptr<Partition> write_log(log::Storage& storage, Flusher& flusher, const Arguments& arguments) {
    std::filesystem::create_directories(arguments.folder);
    auto log = log::PartitionLog::open(storage, arguments.folder + "/bench-0", {"bench", PartitionIndex(0)}, {},
                                       {.now = Timestamp(1)});
    if (!log) throw std::runtime_error(log.error().message);
    protocol::BatchOptions options;
    for (int i = 0; i <= 4; ++i) {
        const auto codec = *protocol::compression_type_of(i);
        if (name_of(codec) == arguments.codec) options.codec = codec;
    }
    std::mt19937_64 random(1);
    protocol::Compression compression;
    std::size_t number = 0;
    while ((*log)->size_bytes() < arguments.mb * 1'000'000) {
        protocol::RecordBatchBuilder builder(options);
        for (int i = 0; i < arguments.records_per_batch; ++i, ++number) {
            const std::string key = fmt::format("customer-{}", number % 1000);
            const std::string value = value_of(number, arguments.record_bytes, random);
            builder.append(Timestamp(static_cast<std::int64_t>(number)), as_bytes(key), as_bytes(value));
        }
        Bytes batch = builder.build(compression);
        log::AppendRequest append{batch, {}};
        if (auto done = (*log)->append(std::span(&append, 1), LeaderEpoch(0), Timestamp(1)); !done) {
            throw std::runtime_error(done.error().message);
        }
    }
    return std::make_shared<Partition>(TopicPartition{"bench", PartitionIndex(0)}, Uuid(), LeaderEpoch(0),
                                       std::move(*log), PartitionSettings{}, flusher);
}

void measure(const std::string& name, const FilterSpec& filter, const std::shared_ptr<Partition>& partition,
             ScanOrder order = ScanOrder::oldest_first) {
    double best = 1e9;
    ScanProgress progress;
    for (int run = 0; run < 3; ++run) {
        ScanRequest request;
        request.order = order;
        request.limit = INT64_MAX;
        request.filter = RecordFilter::make(filter).value();
        request.budget = {.time = std::chrono::hours(1), .bytes = INT64_MAX};
        const double before = cpu_seconds();
        const auto scan = RecordScan::start(std::move(request), {partition}, [] { return Instant::clock::now(); });
        while (!scan->step().end) {
        }
        best = std::min(best, cpu_seconds() - before);
        progress = scan->progress();
    }
    fmt::print("{:46} {:8.0f} MB/s {:12.0f} records/s {:9} matches\n", name,
               static_cast<double>(progress.bytes) / 1e6 / best, static_cast<double>(progress.scanned) / best,
               progress.matched);
}

void run(const Arguments& arguments) {
    const auto storage = log::posix_storage();
    Flusher flusher(*storage, {.log_dir = arguments.folder, .threads = 1, .on_round = {}, .on_failure = {}});
    flusher.stop();
    const auto partition = write_log(*storage, flusher, arguments);
    fmt::print("{} records of {} bytes, {} a batch, codec {}: {} MB\n", partition->high_watermark().value,
               arguments.record_bytes, arguments.records_per_batch, arguments.codec,
               partition->size_bytes() / 1'000'000);
    using Op = FilterOperator;
    measure("value contains, rare", {.value = FilterTest{.text = "\"refund\""}}, partition);
    measure("value contains, rare, newest first", {.value = FilterTest{.text = "\"refund\""}}, partition,
            ScanOrder::newest_first);
    measure("value contains, never, begins like all", {.value = FilterTest{.text = "customer-none"}}, partition);
    measure("key equals, 1 in 1000", {.key = FilterTest{Op::equals, "customer-77"}}, partition);
    measure("value does not contain, rare", {.value = FilterTest{.text = "\"type\"", .negated = true}}, partition);
    measure("value matches a pattern, rare", {.value = FilterTest{Op::regex, "\"type\":\"re[a-z]+\""}}, partition);
    measure("expression on a field, rare", {.expression = "value.type == \"refund\""}, partition);
    measure("expression on a number, half", {.expression = "value.total >= 250 && value.total < 250.01"}, partition);
    measure("every record", {}, partition);
    std::filesystem::remove_all(arguments.folder + "/bench-0");
}

}  // namespace
}  // namespace mamba::broker

int main(int argc, char** argv) {
    mamba::broker::Arguments arguments;
    CLI::App app{"Measures how fast records are searched."};
    app.add_option("folder", arguments.folder)->required();
    app.add_option("--mb", arguments.mb)->check(CLI::Range(1, 100'000));
    app.add_option("--record-bytes", arguments.record_bytes)->check(CLI::Range(60, 1'000'000));
    app.add_option("--records-per-batch", arguments.records_per_batch)->check(CLI::Range(1, 100'000));
    app.add_option("--codec", arguments.codec)->check(CLI::IsMember({"none", "gzip", "snappy", "lz4", "zstd"}));
    CLI11_PARSE(app, argc, argv);
    try {
        mamba::broker::run(arguments);
    } catch (const std::exception& error) {
        fmt::print(stderr, "scan_benchmark: {}\n", error.what());
        return 1;
    }
    return 0;
}
