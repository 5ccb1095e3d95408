// GET /metrics: Prometheus' text, with the names and labels that Kafka's exporters give where there is
// one (the JMX exporter's usual rules for the broker, kafka_exporter's for groups and topics), and
// mambamq_... for what Kafka has not.
//
// Bounded: at most topics_max topics and groups_max groups, never partitions, and only those APIs that
// were asked for.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "admin-ui/api/routes.h"
#include "admin-ui/console.h"
#include "admin-ui/exposition.h"
#include "admin-ui/json.h"
#include "protocol/api.h"

namespace mamba::admin {
namespace {

using broker::LatencyHistogram;

constexpr std::size_t topics_max = 1000;
constexpr std::size_t groups_max = 1000;

// Powers of two, since those are bounds of our buckets too: 33 us to 8.6 s.
constexpr std::size_t first_power = 15;
constexpr std::size_t last_power = 33;

// Adds histograms of several threads up.
void write_histogram(Exposition& out, Exposition::Labels labels, std::span<const LatencyHistogram* const> histograms) {
    std::uint64_t count = 0;
    std::uint64_t sum_ns = 0;
    std::size_t bucket = 0;
    const auto count_up_to = [&](std::size_t end) {
        for (; bucket < end; ++bucket) {
            for (const LatencyHistogram* histogram : histograms) count += histogram->count_in(bucket);
        }
    };
    for (std::size_t power = first_power; power <= last_power; ++power) {
        const std::uint64_t bound_ns = std::uint64_t{1} << power;
        count_up_to(LatencyHistogram::bucket_of(bound_ns));
        out.part("_bucket", labels, Exposition::number(static_cast<double>(bound_ns) / 1e9), std::to_string(count));
    }
    count_up_to(LatencyHistogram::buckets);
    for (const LatencyHistogram* histogram : histograms) sum_ns += histogram->sum_ns();
    out.part("_bucket", labels, "+Inf", std::to_string(count));
    out.part("_sum", labels, "", Exposition::number(static_cast<double>(sum_ns) / 1e9));
    out.part("_count", labels, "", std::to_string(count));
}

// The topics with the most traffic, by name.
std::vector<const TopicSample*> chosen_topics(const Sample& sample) {
    std::vector<const TopicSample*> topics;
    for (const TopicSample& topic : sample.topics) topics.push_back(&topic);
    if (topics.size() > topics_max) {
        const auto traffic = [](const TopicSample* topic) { return topic->bytes_in + topic->bytes_out; };
        std::ranges::nth_element(topics, topics.begin() + topics_max, std::ranges::greater{}, traffic);
        topics.resize(topics_max);
        std::ranges::sort(topics, {}, [](const TopicSample* topic) { return std::string_view(topic->name); });
    }
    return topics;
}

void write_topics(Exposition& out, const Sample& sample) {
    const std::vector<const TopicSample*> topics = chosen_topics(sample);
    const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t TopicSample::* value) {
        out.family(name, "counter", help);
        for (const TopicSample* topic : topics) out.sample({{"topic", topic->name}}, topic->*value);
    };
    counter("kafka_server_brokertopicmetrics_messagesin_total", "Records appended.", &TopicSample::records_in);
    counter("kafka_server_brokertopicmetrics_bytesin_total", "Bytes appended.", &TopicSample::bytes_in);
    counter("kafka_server_brokertopicmetrics_bytesout_total", "Bytes fetched.", &TopicSample::bytes_out);
    const auto gauge = [&](std::string_view name, std::string_view help, auto value) {
        out.family(name, "gauge", help);
        for (const TopicSample* topic : topics) out.sample({{"topic", topic->name}}, std::int64_t{value(*topic)});
    };
    gauge("kafka_topic_partitions", "Partitions of the topic.", [](const TopicSample& t) { return t.partitions; });
    gauge("kafka_log_log_size", "Bytes of all segments of the topic.", [](const TopicSample& t) { return t.bytes; });
    gauge("mambamq_topic_offline_partitions", "Partitions that are not served.",
          [](const TopicSample& t) { return t.offline; });
    out.family("mambamq_metrics_topics_left_out", "gauge",
               "Topics beyond those with the most traffic, which are shown.");
    out.sample({}, static_cast<std::uint64_t>(sample.topics.size() - topics.size()));
}

// Clients name groups as they like, and what is not UTF-8 would cost the whole scrape. Of groups that
// only differ there one is shown.
std::map<std::string, const GroupSample*> chosen_groups(const Sample& sample) {
    std::vector<const GroupSample*> groups;
    for (const GroupSample& group : sample.groups) groups.push_back(&group);
    if (groups.size() > groups_max) {
        std::ranges::nth_element(groups, groups.begin() + groups_max, std::ranges::greater{},
                                 [](const GroupSample* group) { return group->lag.value_or(-1); });
        groups.resize(groups_max);
    }
    std::map<std::string, const GroupSample*> by_label;
    for (const GroupSample* group : groups) by_label.emplace(text_of(group->name), group);
    return by_label;
}

void write_groups(Exposition& out, const Sample& sample) {
    const auto groups = chosen_groups(sample);
    out.family("kafka_consumergroup_lag", "gauge", "Records between the committed offsets and the high watermarks.");
    for (const auto& [label, group] : groups) {
        if (group->lag) out.sample({{"consumergroup", label}}, *group->lag);
    }
    out.family("kafka_consumergroup_lag_seconds", "gauge",
               "Since the oldest record that is not consumed was appended.");
    for (const auto& [label, group] : groups) {
        if (group->lag_ms) out.sample({{"consumergroup", label}}, static_cast<double>(*group->lag_ms) / 1000);
    }
    out.family("kafka_consumergroup_members", "gauge", "Members of the group.");
    for (const auto& [label, group] : groups) {
        out.sample({{"consumergroup", label}}, static_cast<std::uint64_t>(group->members));
    }
    std::map<std::string_view, std::uint64_t> states;
    for (const GroupSample& group : sample.groups) ++states[group.state];
    out.family("mambamq_groups", "gauge", "Groups by their state.");
    for (const auto& [state, count] : states) out.sample({{"state", state}}, count);
}

void write_requests(Exposition& out, const std::vector<const broker::RequestMetrics*>& threads) {
    const auto counter = [&](std::string_view name, std::string_view help, auto value) {
        out.family(name, "counter", help);
        for (const protocol::ApiInfo& api : protocol::all_apis()) {
            const auto key = static_cast<std::size_t>(api.key);
            std::uint64_t requests = 0;
            std::uint64_t total = 0;
            for (const broker::RequestMetrics* metrics : threads) {
                requests += metrics->requests(key);
                total += value(*metrics, key);
            }
            if (requests > 0) out.sample({{"request", api.name}}, total);
        }
    };
    using Metrics = const broker::RequestMetrics&;
    counter("kafka_network_requestmetrics_requests_total", "Requests received.",
            [](Metrics metrics, std::size_t api) { return metrics.requests(api); });
    counter("kafka_network_requestmetrics_errors_total", "Answers with an error, at their top or of a partition.",
            [](Metrics metrics, std::size_t api) { return metrics.errors(api); });
    counter("kafka_network_requestmetrics_requestbytes_total", "Bytes of requests.",
            [](Metrics metrics, std::size_t api) { return metrics.bytes_in(api); });
    counter("kafka_network_requestmetrics_responsebytes_total", "Bytes of answers.",
            [](Metrics metrics, std::size_t api) { return metrics.bytes_out(api); });

    const auto histogram = [&](std::string_view name, std::string_view help,
                               LatencyHistogram broker::RequestTimes::* which) {
        out.family(name, "histogram", help);
        for (const protocol::ApiInfo& api : protocol::all_apis()) {
            std::vector<const LatencyHistogram*> all;
            for (const broker::RequestMetrics* metrics : threads) {
                const broker::RequestTimes* times = metrics->times(static_cast<std::size_t>(api.key));
                if (times != nullptr) all.push_back(&(times->*which));
            }
            if (!all.empty()) write_histogram(out, {{"request", api.name}}, all);
        }
    };
    histogram("kafka_network_requestmetrics_totaltime_seconds",
              "From a request's last byte until its answer was with the kernel, less a wait that the client chose.",
              &broker::RequestTimes::busy);
    histogram("kafka_network_requestmetrics_localtime_seconds", "Until the answer was there, less any wait.",
              &broker::RequestTimes::local);
    histogram("kafka_network_requestmetrics_remotetime_seconds",
              "Waits: of Produce for the flush, of Fetch for records, of JoinGroup and SyncGroup for members.",
              &broker::RequestTimes::waited);
    histogram("kafka_network_requestmetrics_responsesendtime_seconds",
              "From the answer's being there until it was with the kernel.", &broker::RequestTimes::sent);
    std::uint64_t bad = 0;
    for (const broker::RequestMetrics* metrics : threads) bad += metrics->bad_requests();
    out.family("mambamq_bad_requests_total", "counter", "Requests that no client of the protocol sends.");
    out.sample({}, bad);
}

void write_disks(Exposition& out, broker::Broker& broker, const Sample& sample) {
    const auto gauge = [&](std::string_view name, std::string_view help, auto value) {
        out.family(name, "gauge", help);
        for (const DirSample& dir : sample.dirs) {
            if (const std::optional<std::int64_t> known = value(dir)) out.sample({{"log_dir", dir.path}}, *known);
        }
    };
    using Value = std::optional<std::int64_t>;
    gauge("mambamq_log_dir_online", "1 while the log dir is served.",
          [](const DirSample& dir) { return Value(dir.is_online ? 1 : 0); });
    gauge("mambamq_log_dir_total_bytes", "Size of the file system of the log dir.",
          [](const DirSample& dir) { return dir.space ? Value(dir.space->total) : Value(); });
    gauge("mambamq_log_dir_usable_bytes", "What is free on it.",
          [](const DirSample& dir) { return dir.space ? Value(dir.space->usable) : Value(); });
    gauge("mambamq_log_dir_log_bytes", "Bytes of all segments in the log dir.",
          [](const DirSample& dir) { return Value(dir.log_bytes); });
    const auto dirs = broker.partitions->dirs();
    out.family("mambamq_flush_duration_seconds", "histogram", "Rounds of fdatasync or syncfs.");
    for (const auto& dir : dirs) {
        const LatencyHistogram* durations[] = {&dir->flushes.duration};
        write_histogram(out, {{"log_dir", dir->dir->path()}}, durations);
    }
    out.family("mambamq_flush_bytes_total", "counter", "Bytes that were appended and then flushed.");
    for (const auto& dir : dirs) out.sample({{"log_dir", dir->dir->path()}}, dir->flushes.bytes.get());
    out.family("mambamq_flush_files_total", "counter", "Files that were flushed.");
    for (const auto& dir : dirs) out.sample({{"log_dir", dir->dir->path()}}, dir->flushes.files.get());
    out.family("mambamq_cold_fetch_bytes_total", "counter", "Bytes fetched that had to be read from the disk.");
    out.sample({}, sample.cold_bytes_out);
}

void write_broker(Exposition& out, Console& console, const Sample& sample) {
    const auto gauge = [&](std::string_view name, std::string_view help, std::int64_t value) {
        out.family(name, "gauge", help);
        out.sample({}, value);
    };
    gauge("kafka_server_replicamanager_partitioncount", "Partitions of this broker.", sample.partitions);
    gauge("kafka_server_replicamanager_leadercount", "Partitions that are served here.", sample.leaders);
    gauge("kafka_server_replicamanager_offlinereplicacount", "Partitions that are not.", sample.offline);
    gauge("kafka_server_replicamanager_underreplicatedpartitions", "Partitions with a replica that is not in sync.", 0);
    gauge("kafka_controller_kafkacontroller_activecontrollercount", "1 on the broker that is the controller.", 1);
    gauge("kafka_controller_kafkacontroller_offlinepartitionscount", "Partitions without a leader.", sample.offline);
    gauge("kafka_controller_kafkacontroller_globaltopiccount", "Topics of the cluster.",
          static_cast<std::int64_t>(sample.topics.size()));
    gauge("kafka_controller_kafkacontroller_globalpartitioncount", "Partitions of the cluster.", sample.partitions);
    gauge("kafka_server_socketservermetrics_connection_count", "Connections of clients.",
          static_cast<std::int64_t>(sample.connections));
    out.family("mambamq_findings", "gauge", "What is not well, by how bad it is.");
    for (const Severity severity : {Severity::critical, Severity::warning, Severity::info}) {
        const auto count = std::ranges::count(sample.findings, severity, &Finding::severity);
        out.sample({{"severity", name_of(severity)}}, std::int64_t{count});
    }
    out.family("mambamq_build_info", "gauge", "The version, as a label.");
    out.sample({{"version", console.identity().version}}, std::int64_t{1});
    gauge("mambamq_console_history_bytes", "Memory that the past takes.",
          static_cast<std::int64_t>(console.sampler().history().memory_bytes() +
                                    console.sampler().latencies().memory_bytes()));
    out.family("mambamq_console_sample_cpu_seconds", "gauge", "CPU time of the last look at all counters.");
    out.sample({}, std::chrono::duration<double>(sample.cost).count());
}

void write_process(Exposition& out, const ProcessStats& process) {
    out.family("process_cpu_seconds_total", "counter", "User and system CPU time.");
    out.sample({}, process.cpu_seconds);
    out.family("process_start_time_seconds", "gauge", "Since the epoch.");
    out.sample({}, process.started_seconds);
    const auto gauge = [&](std::string_view name, std::string_view help, std::int64_t value) {
        out.family(name, "gauge", help);
        out.sample({}, value);
    };
    gauge("process_resident_memory_bytes", "Memory in RAM.", process.resident_bytes);
    gauge("process_virtual_memory_bytes", "Address space in use.", process.virtual_bytes);
    gauge("process_threads", "Threads.", process.threads);
    gauge("process_max_fds", "Files that may be open.", process.open_files_max);
    if (process.open_files) gauge("process_open_fds", "Files that are open.", *process.open_files);
}

void write_console(Exposition& out, const AnswerCounts& counts) {
    out.family("mambamq_console_answers_total", "counter",
               "Answers of the console by their status; refusals are 400 and above.");
    for (const auto& [status, count] : counts.all()) out.sample({{"status", std::to_string(status)}}, count);
    out.family("mambamq_console_connections_turned_away_total", "counter",
               "Connections that came while there were too many.");
    out.sample({}, counts.turned_away());
}

Response metrics(Console& console, const Request&, Captures) {
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    Exposition out;
    write_broker(out, console, *sample);
    write_requests(out, console.activity().request_metrics());
    write_topics(out, *sample);
    write_groups(out, *sample);
    write_disks(out, console.broker(), *sample);
    write_process(out, sample->process);
    write_console(out, console.answer_counts());
    Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = out.take();
    return response;
}

constexpr Route routes[] = {
    {Method::get, "/metrics", metrics, false, "DESCRIBE cluster"},
};

}  // namespace

std::span<const Route> prometheus_routes() { return routes; }

}  // namespace mamba::admin
