// A load generator for Kafka brokers that costs far less than the broker that it measures:
//
//     mambamq-bench produce --records-per-batch 1000 --count 4000 --broker-pid 4711
//     mambamq-bench fetch --max-bytes 52428800
//     mambamq-bench small              one 100-byte record a request, 5 in flight
//     mambamq-bench fanin              a hundred producers, keyed batches, a hundred partitions
//
// Exit code 0: done; 1: the broker failed or refused; 2: the arguments make no sense.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <thread>

#include "protocol/messages/create_topics.h"
#include "tools/client/offsets.h"
#include "tools/load/fetch_load.h"
#include "tools/load/produce_load.h"
#include "tools/load/rdkafka_load.h"

namespace mamba::load {
namespace {

constexpr int usage_exit_code = 2;

struct Arguments {
    std::string bootstrap = "127.0.0.1:9092";
    pid_t broker_pid = 0;
    bool json = false;
    bool librdkafka = false;
    std::string codec = "none";
    std::uint64_t total_mb = 0;
    double records_per_s = 0;
    std::int64_t warm_up_ms = 0;
    std::vector<std::string> topic_configs;
    ProducePlan produce;
    FetchPlan fetch;
};

std::expected<void, client::Error> make_topic(client::Cluster& cluster,
                                              const Arguments& arguments) {
    const ProducePlan& plan = arguments.produce;
    if (cluster.any().serves(protocol::CreateTopicsRequest::api_key)) {
        protocol::CreateTopicsRequest request;
        auto& topic = request.topics.emplace_back();
        topic.name = plan.topic;
        topic.num_partitions = plan.partitions;
        topic.replication_factor = 1;
        for (const std::string& config : arguments.topic_configs) {
            const std::size_t equals = config.find('=');
            if (equals == config.npos) {
                return std::unexpected(client::Error{client::Failure::usage,
                                                     fmt::format("'{}' is not key=value", config)});
            }
            topic.configs.push_back({std::string_view(config).substr(0, equals),
                                     std::string_view(config).substr(equals + 1),
                                     {}});
        }
        const auto controller = cluster.controller();
        if (!controller) return std::unexpected(controller.error());
        const auto answer = (*controller)->call<protocol::CreateTopicsResponse>(request);
        if (!answer) return std::unexpected(answer.error());
        for (const auto& made : answer->topics) {
            const auto code = static_cast<ErrorCode>(made.error_code);
            if (code == ErrorCode::none || code == ErrorCode::topic_already_exists) continue;
            return std::unexpected(client::refusal("create topic " + made.name, code,
                                                   made.error_message.value_or("")));
        }
    }
    // A new topic's leaders take a moment to be known, and another to serve.
    const auto deadline = client::Clock::now() + std::chrono::seconds(10);
    for (;;) {
        const auto ends = list_offsets(cluster, plan.topic, client::offset_time::latest);
        if (ends && static_cast<int>(ends->size()) >= plan.partitions) return {};
        if (client::Clock::now() > deadline) {
            if (!ends) return std::unexpected(ends.error());
            return std::unexpected(client::Error{
                client::Failure::timeout, fmt::format("topic {} has {} partitions instead of {}",
                                                      plan.topic, ends->size(), plan.partitions)});
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

std::expected<Report, client::Error> produce(client::Cluster& cluster, Arguments& arguments) {
    ProducePlan& plan = arguments.produce;
    plan.warm_up = std::chrono::milliseconds(arguments.warm_up_ms);
    const double records_per_request =
        static_cast<double>(plan.records_per_batch) * plan.partitions_per_request;
    plan.rate = arguments.records_per_s / records_per_request;
    if (arguments.total_mb > 0) {
        plan.requests = static_cast<std::uint64_t>(static_cast<double>(arguments.total_mb) * 1e6 /
                                                   (plan.record_bytes * records_per_request));
    }
    for (int number = 0; number <= 4; ++number) {
        const auto codec = *protocol::compression_type_of(number);
        if (name_of(codec) == arguments.codec) plan.codec = codec;
    }
    if (auto made = make_topic(cluster, arguments); !made) return std::unexpected(made.error());
    if (arguments.librdkafka) {
        return run_rdkafka_produce(arguments.bootstrap, plan, arguments.broker_pid);
    }
    return run_produce(cluster, plan, arguments.broker_pid);
}

std::expected<Report, client::Error> fetch(client::Cluster& cluster, Arguments& arguments) {
    arguments.fetch.topic = arguments.produce.topic;
    arguments.fetch.connections = arguments.produce.connections;
    if (!arguments.librdkafka) return run_fetch(cluster, arguments.fetch, arguments.broker_pid);
    // One quick pass tells how many records there are to be read.
    const auto counted = run_fetch(cluster, arguments.fetch, 0);
    if (!counted) return counted;
    const auto topic = cluster.topic(arguments.fetch.topic);
    if (!topic) return std::unexpected(topic.error());
    return run_rdkafka_fetch(arguments.bootstrap, arguments.fetch.topic,
                             static_cast<int>(topic->partitions.size()), counted->records,
                             arguments.broker_pid);
}

void add_produce_options(CLI::App& command, Arguments& arguments) {
    ProducePlan& plan = arguments.produce;
    command.add_option("--partitions", plan.partitions, "made with the topic")
        ->check(CLI::Range(1, 100'000));
    command.add_option("--record-bytes", plan.record_bytes)->check(CLI::Range(0, 100'000'000));
    command.add_option("--key-bytes", plan.key_bytes)->check(CLI::Range(0, 1'000'000));
    command.add_option("--records-per-batch", plan.records_per_batch)
        ->check(CLI::Range(1, 1'000'000));
    command.add_option("--partitions-per-request", plan.partitions_per_request)
        ->check(CLI::Range(1, 10'000));
    command.add_option("--in-flight", plan.in_flight, "requests without an answer, per connection")
        ->check(CLI::Range(1, 10'000));
    command.add_option("--acks", plan.acks, "-1, 0 or 1")->check(CLI::Range(-1, 1));
    command.add_option("--codec", arguments.codec)
        ->check(CLI::IsMember({"none", "gzip", "snappy", "lz4", "zstd"}));
    command.add_flag("--idempotent", plan.idempotent);
    command.add_option("--count", plan.requests, "requests to measure");
    command.add_option("--total-mb", arguments.total_mb,
                       "instead of --count: 10^6 bytes of values");
    command.add_option("--rate", arguments.records_per_s,
                       "records a second at fixed times; latencies count from when a request was "
                       "meant to leave");
    command.add_option("--warm-up-ms", arguments.warm_up_ms, "the same load beforehand");
    command.add_option("--topic-config", arguments.topic_configs, "key=value, any number of times");
}

void add_common_options(CLI::App& command, Arguments& arguments) {
    command.add_option("--bootstrap", arguments.bootstrap, "host:port")->capture_default_str();
    command.add_option("--topic", arguments.produce.topic);
    command.add_option("--connections", arguments.produce.connections)
        ->check(CLI::Range(1, 10'000));
    command.add_option("--broker-pid", arguments.broker_pid, "whose CPU and memory to read");
    command.add_flag("--librdkafka", arguments.librdkafka, "let librdkafka do the work");
    command.add_flag("--json", arguments.json);
}

// What each mode is unless options say otherwise.
void preset(std::string_view mode, Arguments& arguments) {
    ProducePlan& plan = arguments.produce;
    if (mode == "produce") {
        plan.records_per_batch = 1000;
        plan.requests = 1000;
    } else if (mode == "small") {
        plan.record_bytes = 100;
        plan.requests = 100'000;
    } else if (mode == "fanin") {
        plan.partitions = 100;
        plan.connections = 100;
        plan.partitions_per_request = 10;
        plan.records_per_batch = 2;
        plan.record_bytes = 100;
        plan.key_bytes = 8;
        plan.requests = 100'000;
    }
}

int run(int argc, char** argv) {
    Arguments arguments;
    CLI::App app("Loads a Kafka broker and tells what that cost.", "mambamq-bench");
    app.require_subcommand(1);
    for (const auto& [mode, description] :
         {std::pair{"produce", "large batches: 1000 records of 1000 bytes each"},
          std::pair{"fetch", "reads a topic from beginning to end"},
          std::pair{"small", "one 100-byte record a request"},
          std::pair{"fanin", "100 producers with small keyed batches over 100 partitions"}}) {
        CLI::App* const command = app.add_subcommand(mode, description);
        add_common_options(*command, arguments);
        if (mode == std::string_view("fetch")) {
            FetchPlan& plan = arguments.fetch;
            command->add_option("--max-bytes", plan.max_bytes)->check(CLI::PositiveNumber);
            command->add_option("--partition-max-bytes", plan.partition_max_bytes)
                ->check(CLI::PositiveNumber);
            command->add_option("--rounds", plan.rounds)->check(CLI::PositiveNumber);
            command->add_option("--warm-up-rounds", plan.warm_up_rounds)
                ->check(CLI::NonNegativeNumber);
        } else {
            add_produce_options(*command, arguments);
        }
    }
    if (argc > 1) preset(argv[1], arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : usage_exit_code;
    }

    auto cluster = client::Cluster::connect(arguments.bootstrap, {.client_id = "mambamq-bench"});
    std::expected<Report, client::Error> report =
        std::unexpected(cluster ? client::Error{} : cluster.error());
    if (cluster) {
        report =
            app.got_subcommand("fetch") ? fetch(*cluster, arguments) : produce(*cluster, arguments);
    }
    if (!report) {
        fmt::print(stderr, "mambamq-bench: {}\n", report.error().message);
        return report.error().failure == client::Failure::usage ? usage_exit_code : 1;
    }
    const CLI::App* const chosen = app.get_subcommands().front();
    if (!arguments.librdkafka) report->mode = chosen->get_name();
    fmt::print("{}", arguments.json ? to_json(*report) + "\n" : to_text(*report));
    return 0;
}

}  // namespace
}  // namespace mamba::load

int main(int argc, char** argv) {
    return mamba::load::run(argc, argv);
}
