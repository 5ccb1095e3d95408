#include "compat-tests/harness/broker_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

namespace mamba::compat {
namespace {

using Clock = std::chrono::steady_clock;

// The pause between two looks at a condition; never the length of a wait.
constexpr std::chrono::milliseconds poll_interval{5};

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// A Metadata request, version 1, for no topics, client id "wait".
constexpr std::array<unsigned char, 22> metadata_request{0, 0, 0, 18,  0,   3,   0,   1, 0, 0, 0,
                                                         1, 0, 4, 'w', 'a', 'i', 't', 0, 0, 0, 0};

}  // namespace

int free_port() {
    std::random_device seed;
    std::uniform_int_distribution<int> ports(20000, 31999);
    for (int attempt = 0; attempt < 1000; ++attempt) {
        const int port = ports(seed);
        const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(port);
        const bool free =
            ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        ::close(probe);
        if (free) return port;
    }
    throw std::runtime_error("no free loopback port between 20000 and 31999");
}

bool BrokerProcess::is_oracle() {
    const char* broker = std::getenv("MAMBA_COMPAT_BROKER");
    return broker != nullptr && std::string_view(broker) == "kafka";
}

BrokerProcess::BrokerProcess(Settings settings, int port)
    : settings_{{"auto.create.topics.enable", "false"},
                {"group.initial.rebalance.delay.ms", "0"},
                {"offsets.topic.num.partitions", "3"},
                {"offsets.topic.replication.factor", "1"}},
      port_(port == 0 ? free_port() : port) {
    for (auto& [key, value] : settings) settings_[key] = value;
    std::string name = (std::filesystem::temp_directory_path() / "mamba-compat-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    folder_ = name;
}

BrokerProcess::~BrokerProcess() {
    if (running()) kill();
    std::error_code ignored;
    if (std::getenv("MAMBA_COMPAT_KEEP") == nullptr) std::filesystem::remove_all(folder_, ignored);
}

void BrokerProcess::spawn() {
    std::vector<std::string> command;
    if (is_oracle()) {
        command = {MAMBA_ORACLE_PROGRAM, "exec", "--dir", folder_, "--port", std::to_string(port_)};
    } else {
        const std::filesystem::path file = folder_ / "server.properties";
        std::ofstream(file) << "listeners=PLAINTEXT://" << bootstrap() << "\nconsole.listeners=\n"
                            << "log.dirs=" << data_folder().string() << "\n";
        command = {MAMBA_BROKER_PROGRAM, file};
    }
    for (const auto& [key, value] : settings_) {
        command.insert(command.end(), {"--override", key + "=" + value});
    }
    std::vector<char*> arguments;
    for (std::string& part : command) arguments.push_back(part.data());
    arguments.push_back(nullptr);

    const std::string output = output_file();
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(127);
        const int log = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::dup2(log, STDOUT_FILENO);
        ::dup2(log, STDERR_FILENO);
        ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
        ::close_range(3, ~0U, 0);
        ::execv(arguments.front(), arguments.data());
        ::_exit(127);
    }
}

void BrokerProcess::start() {
    if (running()) throw std::runtime_error("the broker runs already");
    spawn();
    const auto deadline = Clock::now() + start_time_max;
    while (!serves_metadata()) {
        if (!running()) throw std::runtime_error("the broker ended at start: " + output_tail());
        if (Clock::now() > deadline) {
            kill();
            throw std::runtime_error("the broker does not answer: " + output_tail());
        }
        std::this_thread::sleep_for(poll_interval);
    }
}

void BrokerProcess::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

int BrokerProcess::terminate() {
    if (pid_ <= 0) throw std::runtime_error("no broker to terminate");
    ::kill(pid_, SIGTERM);
    const auto deadline = Clock::now() + stop_time_max;
    int status = 0;
    while (::waitpid(pid_, &status, WNOHANG) == 0) {
        if (Clock::now() > deadline) {
            kill();
            throw std::runtime_error("the broker ignores SIGTERM: " + output_tail());
        }
        std::this_thread::sleep_for(poll_interval);
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool BrokerProcess::running() const {
    if (pid_ <= 0) return false;
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
}

std::size_t BrokerProcess::resident_bytes() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
    std::size_t total_pages = 0;
    std::size_t resident_pages = 0;
    file >> total_pages >> resident_pages;
    return resident_pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// A broker may accept connections before it knows itself: wait until it names one broker.
bool BrokerProcess::serves_metadata() const {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval timeout{.tv_sec = 2, .tv_usec = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    const sockaddr_in address = loopback(port_);
    std::array<unsigned char, 12> answer{};  // length, correlation id, number of brokers
    const bool answered =
        ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::send(socket, metadata_request.data(), metadata_request.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(metadata_request.size()) &&
        ::recv(socket, answer.data(), answer.size(), MSG_WAITALL) ==
            static_cast<ssize_t>(answer.size());
    ::close(socket);
    return answered && answer.back() > 0;
}

std::string BrokerProcess::output_tail() const {
    std::ifstream file(output_file(), std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), {});
    constexpr std::size_t tail_bytes = 3000;
    return text.size() > tail_bytes ? "..." + text.substr(text.size() - tail_bytes) : text;
}

}  // namespace mamba::compat
