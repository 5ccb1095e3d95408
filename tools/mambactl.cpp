// The command line of MambaMQ, and of any Kafka cluster:
//
//     mambactl topics create orders --partitions 6
//     echo 'key:value' | mambactl produce orders --key-separator :
//     mambactl consume orders --from beginning --exit-at-end --json
//     mambactl groups describe billing
//
// Exit code 0: done; 1: the broker refused or cannot be reached; 2: the arguments make no sense.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "tools/client/coordinator_wait.h"
#include "tools/mambactl/cluster_info.h"
#include "tools/mambactl/configs.h"
#include "tools/mambactl/consume.h"
#include "tools/mambactl/groups.h"
#include "tools/mambactl/produce.h"
#include "tools/mambactl/topics.h"

namespace mamba::ctl {
namespace {

constexpr int usage_exit_code = 2;

// Everything that options can set, and the command that was chosen.
struct CommandLine {
    std::string bootstrap = "127.0.0.1:9092";
    bool as_json = false;
    std::int64_t timeout_ms = 10'000;

    bool all = false;
    bool dry_run = false;
    std::vector<std::string> names;
    std::vector<std::string> settings;
    std::string name;
    std::string codec = "none";
    std::int32_t partitions = 0;
    NewTopic new_topic;
    Resource resource;
    ResetTarget target;
    std::string topic;
    ProduceOptions produce;
    ConsumeOptions consume;

    std::function<Outcome(Session&)> command;
};

using Run = std::function<Outcome(Session&)>;

CLI::App& add_command(CLI::App& parent, CommandLine& line, const char* name, const char* what,
                      Run run) {
    CLI::App* const command = parent.add_subcommand(name, what);
    command->callback([&line, run = std::move(run)] { line.command = run; });
    command->fallthrough();
    return *command;
}

CLI::App& add_area(CLI::App& app, const char* name, const char* what) {
    CLI::App* const area = app.add_subcommand(name, what);
    area->require_subcommand(1);
    area->fallthrough();
    return *area;
}

void add_topics(CLI::App& app, CommandLine& line) {
    CLI::App& area = add_area(app, "topics", "list, make, change and delete topics");
    CLI::App& list = add_command(area, line, "list", "all topics",
                                 [&](Session& s) { return list_topics(s, line.all); });
    list.add_flag("--internal", line.all, "the brokers' own topics, too");
    CLI::App& describe = add_command(area, line, "describe", "partitions, replicas and offsets",
                                     [&](Session& s) { return describe_topics(s, line.names); });
    describe.add_option("topic", line.names)->required();
    CLI::App& create = add_command(area, line, "create", "make a topic",
                                   [&](Session& s) { return create_topic(s, line.new_topic); });
    create.add_option("topic", line.new_topic.name)->required();
    create.add_option("--partitions", line.new_topic.partitions)->check(CLI::Range(1, 1'000'000));
    create.add_option("--replication-factor", line.new_topic.replication_factor)
        ->check(CLI::Range(1, 32'767));
    create.add_option("--config", line.new_topic.configs, "key=value, any number of times");
    create.add_flag("--if-not-exists", line.new_topic.if_not_exists);
    create.add_flag("--validate-only", line.new_topic.validate_only);
    CLI::App& remove = add_command(area, line, "delete", "delete topics and their records",
                                   [&](Session& s) { return delete_topics(s, line.names); });
    remove.add_option("topic", line.names)->required();
    CLI::App& alter = add_command(area, line, "alter", "add partitions", [&](Session& s) {
        return alter_topic(s, line.name, line.partitions);
    });
    alter.add_option("topic", line.name)->required();
    alter.add_option("--partitions", line.partitions, "the new number")
        ->required()
        ->check(CLI::Range(1, 1'000'000));
}

void add_groups(CLI::App& app, CommandLine& line) {
    CLI::App& area = add_area(app, "groups", "consumer groups, their lag and offsets");
    add_command(area, line, "list", "all groups", [](Session& s) { return list_groups(s); });
    CLI::App& describe =
        add_command(area, line, "describe", "offsets, lag and members", [&](Session& s) {
            return client::with_coordinator([&] { return describe_group(s, line.name); });
        });
    describe.add_option("group", line.name)->required();
    CLI::App& reset = add_command(
        area, line, "reset-offsets", "move a group that has no members", [&](Session& s) {
            return client::with_coordinator(
                [&] { return reset_offsets(s, line.name, line.topic, line.target, line.dry_run); });
        });
    reset.add_option("group", line.name)->required();
    reset.add_option("--topic", line.topic)->required();
    reset.add_flag("--dry-run", line.dry_run, "only show what would be done");
    CLI::Option_group* const where = reset.add_option_group("where to");
    where->require_option(1);
    using Kind = ResetTarget::Kind;
    where->add_flag_callback("--to-earliest", [&] { line.target.kind = Kind::earliest; });
    where->add_flag_callback("--to-latest", [&] { line.target.kind = Kind::latest; });
    for (const auto& [option, kind, what] :
         {std::tuple{"--to-offset", Kind::offset, "the same in every partition"},
          std::tuple{"--to-timestamp", Kind::timestamp, "milliseconds since 1970"},
          std::tuple{"--shift-by", Kind::shift, "records; negative: back"}}) {
        where->add_option_function<std::int64_t>(
            option, [&line, kind](const std::int64_t& value) { line.target = {kind, value}; },
            what);
    }
    CLI::App& remove = add_command(area, line, "delete", "delete groups that have no members",
                                   [&](Session& s) { return delete_groups(s, line.names); });
    remove.add_option("group", line.names)->required();
}

void add_configs(CLI::App& app, CommandLine& line) {
    CLI::App& area = add_area(app, "configs", "settings of topics, brokers and groups");
    const auto add_resource = [&](CLI::App& command) {
        command.add_option("type", line.resource.type, "topic, broker, broker-logger or group")
            ->required();
        command.add_option("name", line.resource.name, "the topic, the broker's id, the group")
            ->required();
    };
    CLI::App& describe = add_command(area, line, "describe", "what was set", [&](Session& s) {
        return describe_configs(s, line.resource, line.all);
    });
    add_resource(describe);
    describe.add_flag("--all", line.all, "defaults, too");
    CLI::App& set = add_command(area, line, "set", "change settings", [&](Session& s) {
        return set_configs(s, line.resource, line.settings);
    });
    add_resource(set);
    set.add_option("setting", line.settings, "key=value")->required();
    CLI::App& remove = add_command(area, line, "delete", "back to the default", [&](Session& s) {
        return delete_configs(s, line.resource, line.settings);
    });
    add_resource(remove);
    remove.add_option("key", line.settings)->required();
}

void add_records(CLI::App& app, CommandLine& line) {
    CLI::App& produce =
        add_command(app, line, "produce", "each line of the input is a record", [&](Session& s) {
            for (int number = 0; number <= 4; ++number) {
                const auto codec = *protocol::compression_type_of(number);
                if (name_of(codec) == line.codec) line.produce.codec = codec;
            }
            return ctl::produce(s, line.produce, std::cin);
        });
    produce.add_option("topic", line.produce.topic)->required();
    produce.add_option("--key-separator", line.produce.key_separator, "behind each line's key");
    produce.add_option("--header", line.produce.headers, "key=value, any number of times");
    produce.add_option("--partition", line.produce.partition);
    produce.add_option("--acks", line.produce.acks, "1, or -1 for all")
        ->check(CLI::IsMember({1, -1}));
    produce.add_option("--codec", line.codec)
        ->check(CLI::IsMember({"none", "gzip", "snappy", "lz4", "zstd"}));

    CLI::App& consume = add_command(app, line, "consume", "print records",
                                    [&](Session& s) { return ctl::consume(s, line.consume); });
    consume.add_option("topic", line.consume.topic)->required();
    consume.add_option("--from", line.consume.from,
                       "beginning, end, an offset, or @milliseconds since 1970");
    consume.add_option("--partition", line.consume.partitions, "any number of times; default: all");
    consume.add_option("--group", line.consume.group,
                       "go on where this group committed, and commit for it");
    consume.add_option("--max-messages", line.consume.max_messages);
    consume.add_flag("--exit-at-end", line.consume.exit_at_end, "do not wait for more");
    consume.add_flag("--keys", line.consume.shows_keys, "print the key first");
    consume.add_option("--key-separator", line.consume.key_separator, "default: a tab");
}

void add_cluster(CLI::App& app, CommandLine& line) {
    CLI::App& area = add_area(app, "cluster", "brokers and their disks");
    add_command(area, line, "describe", "the whole in one line",
                [](Session& s) { return describe_cluster(s); });
    add_command(area, line, "brokers", "who they are", [](Session& s) { return list_brokers(s); });
    add_command(area, line, "log-dirs", "where the records lie",
                [](Session& s) { return list_log_dirs(s); });
}

int run(int argc, char** argv) {
    CommandLine line;
    CLI::App app("Looks after MambaMQ, and any Kafka cluster.", "mambactl");
    app.require_subcommand(1);
    app.add_option("--bootstrap", line.bootstrap, "host:port,...")->capture_default_str();
    app.add_option("--timeout-ms", line.timeout_ms, "of every answer")->check(CLI::PositiveNumber);
    app.add_flag("--json", line.as_json, "for programs");
    add_topics(app, line);
    add_groups(app, line);
    add_configs(app, line);
    add_records(app, line);
    add_cluster(app, line);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : usage_exit_code;
    }

    auto cluster = client::Cluster::connect(
        line.bootstrap,
        {.client_id = "mambactl", .timeout = std::chrono::milliseconds(line.timeout_ms)});
    Outcome outcome;
    if (cluster) {
        Session session{*cluster, line.as_json};
        outcome = line.command(session);
    } else {
        outcome = std::unexpected(cluster.error());
    }
    if (outcome) return 0;
    fmt::print(stderr, "mambactl: {}\n", outcome.error().message);
    return outcome.error().failure == Failure::usage ? usage_exit_code : 1;
}

}  // namespace
}  // namespace mamba::ctl

int main(int argc, char** argv) {
    return mamba::ctl::run(argc, argv);
}
