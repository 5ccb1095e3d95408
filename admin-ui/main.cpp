// mambamq [server.properties] [--override key=value]...
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "admin-ui/console.h"
#include "admin-ui/server.h"
#include "broker/config/server_properties.h"
#include "broker/logging.h"
#include "broker/net/server.h"
#include "broker/start.h"

extern char** environ;

namespace mamba::broker {
namespace {

const Logger main_log = logger("mamba");

// A stop that takes longer than this ends without its last acts; the next start then recovers.
constexpr std::size_t observations_told_max = 50;  // of each kind, by SIGUSR1
constexpr auto stop_time_max = std::chrono::seconds(30);

struct Arguments {
    std::string properties_file;
    std::vector<std::string> overrides;
};

std::expected<std::string, std::string> read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::unexpected(path + " cannot be read");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::pair<std::string, std::string>> environment() {
    std::vector<std::pair<std::string, std::string>> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos) variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

Machine this_machine() {
    return {.cores = static_cast<std::int32_t>(std::max(1U, std::thread::hardware_concurrency())),
            .memory_bytes = ::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGE_SIZE)};
}

// One partition takes a few descriptors and one client one: as many as the system lets us have.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

// What clients are told: the advertised listeners, with the real port where one was chosen freely.
std::vector<Listener> advertised(const NetworkConfig& config, const std::vector<Listener>& bound) {
    std::vector<Listener> result;
    for (Listener listener : config.advertised_listeners) {
        for (const Listener& real : bound) {
            if (real.name == listener.name && listener.port == 0) listener.port = real.port;
        }
        if (listener.host.empty()) {
            char name[256] = "localhost";
            ::gethostname(name, sizeof name - 1);
            listener.host = name;
        }
        result.push_back(std::move(listener));
    }
    return result;
}

// Sessions and rebalances of groups end by time.
void drive_groups(Broker& broker, net::asio::steady_timer& timer) {
    const auto wall = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    broker.groups->tick({std::chrono::steady_clock::now(), Timestamp(wall.count())});
    timer.expires_after(std::chrono::milliseconds(broker.groups->next_deadline() ? 10 : 50));
    timer.async_wait([&](const boost::system::error_code& error) {
        if (!error) drive_groups(broker, timer);
    });
}

bool is_loopback(std::string_view host) {
    return host.starts_with("127.") || host == "::1" || host == "localhost";
}

// The console and its server; null where it is switched off or cannot be opened. The broker serves
// its clients all the same then.
struct RunningConsole {
    std::unique_ptr<admin::Console> console;
    std::unique_ptr<admin::Server> server;

    void stop() {
        if (!server) return;
        server->stop();
        console->stop();
    }
};

RunningConsole start_console(Broker& broker, Activity& activity, Instant started) {
    if (broker.configs->broker()->console.listeners.empty()) return {};
    RunningConsole running;
    running.console = std::make_unique<admin::Console>(
        broker, activity, admin::Console::Identity{.version = MAMBA_VERSION, .started = started});
    admin::Console& served = *running.console;
    auto server = admin::Server::open(
        served.config(), [&served](admin::Request& request) { return served.handle(request); }, served.answer_counts());
    if (!server) {
        main_log.error("there is no console: {}", server.error());
        return {};
    }
    running.server = std::move(*server);
    running.console->start();
    running.server->start();
    for (const std::string& url : running.server->urls()) main_log.info("the console is at {}", url);
    if (broker.configs->broker()->console.allow_insecure) {
        main_log.warn("whoever reaches the console may do anything (console.allow.insecure=true)");
    }
    return running;
}

int fail(const std::string& sentence) {
    main_log.log(LogLevel::fatal, "{}", sentence);
    return EXIT_FAILURE;
}

int serve(const Arguments& arguments) {
    const auto started = std::chrono::steady_clock::now();
    std::string text;
    if (!arguments.properties_file.empty()) {
        auto read = read_text(arguments.properties_file);
        if (!read) return fail(read.error());
        text = std::move(*read);
    }
    const StaticSettings settings = read_settings({.file = text,
                                                   .file_name = arguments.properties_file,
                                                   .environment = environment(),
                                                   .overrides = arguments.overrides});
    for (const std::string& warning : settings.warnings) main_log.warn("{}", warning);
    for (const std::string& note : settings.notes) main_log.info("{}", note);
    for (const std::string& error : settings.errors) main_log.error("{}", error);
    if (!settings.errors.empty()) return fail("the settings are wrong; nothing was started");

    raise_descriptor_limit();
    auto broker = start_broker({.settings = settings.values, .machine = this_machine()});
    if (!broker) return fail(broker.error());
    const auto config = (*broker)->configs->broker();
    auto server = net::Server::open(**broker, config->network);
    if (!server) return fail(server.error());
    if (auto done = register_broker(**broker, advertised(config->network, (*server)->listeners())); !done) {
        return fail(done.error());
    }
    start_background(**broker);
    (*server)->start();

    for (const auto& dir : (*broker)->partitions->dirs()) {
        main_log.info("data lies in {}", std::filesystem::absolute(dir->dir->path()).lexically_normal().string());
    }
    const bool durable = (*broker)->configs->topic(*(*broker)->metadata->image(), "").flush_on_acks_all;
    main_log.info("an acks=all answer means {} (log.flush.on.acks.all={})",
                  durable ? "on stable storage" : "in the page cache", durable);
    for (const Listener& listener : (*server)->listeners()) {
        main_log.info("listening on {}://{}:{}", listener.name, listener.host, listener.port);
        if (!is_loopback(listener.host)) {
            main_log.warn("listener {} is open to the network, without encryption and authentication", listener.name);
        }
    }
    RunningConsole console = start_console(**broker, **server, started);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
    main_log.info("MambaMQ node {} of cluster {} is ready after {} ms", config->node_id.value,
                  (*broker)->metadata->image()->cluster_id(), took.count());

    net::asio::io_context context(1);
    net::asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code&, int) { context.stop(); });
    // kill -USR1: what is served and what waits, into the log.
    net::asio::signal_set activity(context, SIGUSR1);
    std::function<void()> await_activity_signal = [&] {
        activity.async_wait([&](const boost::system::error_code& error, int) {
            if (error) return;
            (*server)->log_activity();
            for (const auto& dir : (*broker)->partitions->dirs()) {
                main_log.info("{}: {}", dir->dir->path(), describe(dir->flushes));
            }
            for (const std::string& line : (*broker)->observations->describe(observations_told_max)) {
                main_log.info("{}", line);
            }
            for (const GroupWaiting& waiting : (*broker)->groups->describe_waiting(std::chrono::steady_clock::now())) {
                main_log.info("{} of '{}' in group '{}' waits: {}", waiting.is_sync ? "SyncGroup" : "JoinGroup",
                              escape(waiting.member), escape(waiting.group), escape(waiting.reason));
            }
            await_activity_signal();
        });
    };
    await_activity_signal();
    net::asio::steady_timer group_timer(context);
    drive_groups(**broker, group_timer);
    context.run();

    main_log.info("stopping");
    std::thread([] {
        std::this_thread::sleep_for(stop_time_max);
        main_log.log(LogLevel::fatal, "the stop takes too long; the next start will recover");
        std::_Exit(EXIT_FAILURE);
    }).detach();
    console.stop();
    begin_stop(**broker);
    (*server)->stop();
    stop_broker(**broker);
    main_log.info("stopped");
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace mamba::broker

int main(int argc, char** argv) {
    ::signal(SIGPIPE, SIG_IGN);
    mamba::broker::Arguments arguments;
    CLI::App app("MambaMQ, a message broker that speaks Kafka's protocol.");
    app.set_version_flag("--version", std::string("mambamq " MAMBA_VERSION));
    app.add_option("properties", arguments.properties_file, "A server.properties file, as Kafka has it");
    app.add_option("--override", arguments.overrides,
                   "key=value: takes precedence over file and environment; repeatable")
        ->allow_extra_args(false);
    CLI11_PARSE(app, argc, argv);
    return mamba::broker::serve(arguments);
}
