// The server over real sockets of the loopback interface; what it serves is the test's own.
#include "admin-ui/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <latch>
#include <memory>

#include "admin-ui/gzip.h"
#include "admin-ui/json.h"

namespace mamba::admin {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto patience = 20s;

// One connection, as raw as it gets.
class Client {
public:
    explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    ~Client() { close(); }
    Client(Client&& other) noexcept : socket_(std::exchange(other.socket_, -1)), unread_(std::move(other.unread_)) {}
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    Client& operator=(Client&&) = delete;

    // False once the other side is gone.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void close() {
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }

    struct Answer {
        int status = 0;  // 0: the connection ended before
        std::string head;
        std::string body;
        std::string header(const std::string& name) const {
            const std::size_t at = head.find("\r\n" + name + ": ");
            if (at == std::string::npos) return {};
            const std::size_t begin = at + name.size() + 4;
            return head.substr(begin, head.find("\r\n", begin) - begin);
        }
    };
    Answer read_head() {
        while (unread_.find("\r\n\r\n") == std::string::npos) {
            if (!read_more()) return {};
        }
        Answer answer;
        answer.head = take(unread_.find("\r\n\r\n") + 4);
        EXPECT_THAT(answer.head, StartsWith("HTTP/1.1 "));
        std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
        return answer;
    }
    // `head_only` for what has no body whatever its header says.
    Answer read(bool head_only = false) {
        Answer answer = read_head();
        if (answer.status == 0 || head_only || answer.status == 204 || answer.status == 304) return answer;
        if (answer.header("Transfer-Encoding") == "chunked") {
            for (std::string chunk = read_chunk(); !chunk.empty(); chunk = read_chunk()) answer.body += chunk;
        } else {
            const std::size_t size = std::stoul(answer.header("Content-Length"));
            while (unread_.size() < size && read_more()) continue;
            answer.body = take(size);
        }
        return answer;
    }
    // Empty at the last one, and when the connection ends.
    std::string read_chunk() {
        while (unread_.find("\r\n") == std::string::npos) {
            if (!read_more()) return {};
        }
        const std::string line = take(unread_.find("\r\n") + 2);
        const std::size_t size = std::stoul(line, nullptr, 16);
        while (unread_.size() < size + 2) {
            if (!read_more()) return {};
        }
        std::string chunk = take(size);
        take(2);
        return chunk;
    }
    // All that comes until the other side closes.
    std::string read_to_end() {
        while (read_more()) continue;
        return take(unread_.size());
    }
    bool is_closed() { return read_to_end().empty() && !is_late_; }

private:
    bool read_more() {
        pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
        const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
        if (::poll(&waiting, 1, static_cast<int>(limit.count())) != 1) {
            is_late_ = true;
            ADD_FAILURE() << "nothing came";
            return false;
        }
        std::array<char, 64 * 1024> part{};
        const ssize_t size = ::recv(socket_, part.data(), part.size(), 0);
        if (size <= 0) return false;
        unread_.append(part.data(), static_cast<std::size_t>(size));
        return true;
    }
    std::string take(std::size_t size) {
        size = std::min(size, unread_.size());
        std::string taken = unread_.substr(0, size);
        unread_.erase(0, size);
        return taken;
    }

    int socket_;
    std::string unread_;
    bool is_late_ = false;
};

// Gives what the test puts in, and tells how many of its kind there are.
class Tail final : public BodyStream {
public:
    explicit Tail(std::atomic<int>& open) : open_(open) { ++open_; }
    ~Tail() override { --open_; }
    Part next() override { return {.bytes = "tick\n", .is_last = false, .rest = 5ms}; }

private:
    std::atomic<int>& open_;
};
class Flood final : public BodyStream {
public:
    explicit Flood(std::atomic<int>& open) : open_(open) { ++open_; }
    ~Flood() override { --open_; }
    Part next() override { return {.bytes = std::string(1024 * 1024, 'x')}; }

private:
    std::atomic<int>& open_;
};
class Pieces final : public BodyStream {
public:
    Part next() override {
        ++count_;
        if (count_ == 3) return {.bytes = {}, .is_last = false, .rest = 1ms};
        return {.bytes = "piece " + std::to_string(count_) + "\n", .is_last = count_ == 5};
    }

private:
    int count_ = 0;
};
class Failing final : public BodyStream {
public:
    Part next() override {
        if (std::exchange(began_, true)) throw std::runtime_error("the disk is gone");
        return {.bytes = "some"};
    }

private:
    bool began_ = false;
};

class HttpServer : public testing::Test {
protected:
    void start(ServerLimits limits = {}) {
        broker::ConsoleConfig config;
        config.listeners = {{.host = "127.0.0.1", .port = 0}};
        auto opened = Server::open(config, [this](Request& request) { return handle(request); }, counts_, limits);
        ASSERT_TRUE(opened) << opened.error();
        server_ = std::move(*opened);
        server_->start();
        const std::string& url = server_->urls().front();
        port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    }

    Response handle(Request& request) {
        ++handled_;
        const std::string_view path = request.path;
        Response response;
        response.content_type = "text/plain";
        if (path == "/echo" || path == "/records") {
            response.body = std::string(name_of(request.method)) + " " + request.body;
        } else if (path == "/large") {
            response.body = std::string(100'000, 'x');
        } else if (path == "/huge") {
            response.body.resize(64 * 1024 * 1024, 'x');
        } else if (path == "/etag") {
            response.body = "tagged";
            response.etag = "\"7\"";
        } else if (path == "/packed") {
            response.body = gzip("packed");
            response.is_compressed = true;
        } else if (path == "/throws") {
            throw std::runtime_error("a mistake of ours");
        } else if (path == "/stuck") {
            ++stuck_;
            unstuck_.wait();
        } else if (path == "/nothing") {
            response = no_content();
        } else if (path == "/tail") {
            response.stream = std::make_unique<Tail>(tails_);
        } else if (path == "/flood") {
            response.stream = std::make_unique<Flood>(floods_);
        } else if (path == "/pieces") {
            response.stream = std::make_unique<Pieces>();
        } else if (path == "/failing") {
            response.stream = std::make_unique<Failing>();
        } else if (path == "/headers") {
            for (const auto& [name, value] : request.headers) response.body += name + "=" + value + "\n";
        } else {
            response.body = "at " + std::string(path);
        }
        return response;
    }

    Client connect() const { return Client(port_); }
    Client::Answer get(const std::string& target, const std::string& headers = {}) const {
        Client client = connect();
        client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
        return client.read();
    }
    // The whole of what comes for these bytes.
    std::string raw(std::string_view bytes) const {
        Client client = connect();
        client.send(bytes);
        return client.read_to_end();
    }
    static void eventually(const std::function<bool()>& condition) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        bool holds = condition();
        while (!holds && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(1ms);
            holds = condition();
        }
        EXPECT_TRUE(holds);
    }

    std::atomic<int> handled_ = 0;
    std::atomic<int> tails_ = 0;
    std::atomic<int> floods_ = 0;
    std::atomic<int> stuck_ = 0;
    std::latch unstuck_{1};
    AnswerCounts counts_;
    std::unique_ptr<Server> server_;  // goes before what its handlers use
    std::uint16_t port_ = 0;
};

TEST_F(HttpServer, EveryAnswerCarriesTheSecurityHeaders) {
    start();
    for (const std::string target : {"/", "/pieces", "/throws", "/%"}) {
        const Client::Answer answer = get(target);
        EXPECT_THAT(answer.header("Content-Security-Policy"), StartsWith("default-src 'none'; script-src 'self'"))
            << target;
        EXPECT_THAT(answer.header("Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
        EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(answer.header("Referrer-Policy"), "no-referrer");
        EXPECT_EQ(answer.header("Cross-Origin-Opener-Policy"), "same-origin");
        EXPECT_EQ(answer.header("Cross-Origin-Resource-Policy"), "same-origin");
        EXPECT_THAT(answer.head, Not(HasSubstr("Access-Control")));
        EXPECT_THAT(answer.head, Not(HasSubstr("\r\nServer:")));
    }
}

TEST_F(HttpServer, ConnectionServesOneRequestAfterTheOther) {
    start();
    Client client = connect();
    for (int i = 0; i < 3; ++i) {
        client.send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        EXPECT_EQ(client.read().body, "at /" + std::to_string(i));
    }
    client.send("GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.read().header("Connection"), "close");
    EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServer, PipelinedRequestsAreAnsweredInOrder) {
    start();
    Client client = connect();
    client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                "GET /pieces HTTP/1.1\r\nHost: a\r\n\r\nGET /4 HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.read().body, "at /1");
    EXPECT_EQ(client.read().body, "POST abc");
    EXPECT_EQ(client.read().body, "piece 1\npiece 2\npiece 4\npiece 5\n");
    EXPECT_EQ(client.read().body, "at /4");
}

TEST_F(HttpServer, ChunkedRequestIsPutTogether) {
    start();
    Client client = connect();
    client.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n");
    EXPECT_EQ(client.read().body, "POST abcdefg");
}

TEST_F(HttpServer, WaitingClientIsToldToGoOn) {
    start();
    Client client = connect();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read_head().status, 100);
    client.send("abc");
    EXPECT_EQ(client.read().body, "POST abc");
}

TEST_F(HttpServer, WaitingClientWithTooMuchIsToldSoAtOnce) {
    start();
    Client client = connect();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read().status, 413);
    client.close();
    EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServer, HeadHasTheHeaderOfGetAndNoBody) {
    start();
    for (const std::string target : {"/large", "/pieces", "/etag"}) {
        Client client = connect();
        client.send("HEAD " + target + " HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
        const Client::Answer answer = client.read(true);
        EXPECT_EQ(answer.status, 200) << target;
        if (target == "/large") EXPECT_EQ(answer.header("Content-Length"), "100000");
        EXPECT_EQ(client.read().body, "at /next") << target;
    }
}

TEST_F(HttpServer, KnownEtagIsNotSentAgain) {
    start();
    EXPECT_EQ(get("/etag").header("ETag"), "\"7\"");
    EXPECT_EQ(get("/etag").header("Cache-Control"), "no-cache");
    EXPECT_EQ(get("/", {}).header("Cache-Control"), "no-store");
    const Client::Answer known = get("/etag", "If-None-Match: \"6\", W/\"7\"\r\n");
    EXPECT_EQ(known.status, 304);
    EXPECT_EQ(known.header("ETag"), "\"7\"");
    EXPECT_EQ(get("/etag", "If-None-Match: \"8\"\r\n").body, "tagged");
}

TEST_F(HttpServer, LargeBodyIsCompressedForWhoTakesGzip) {
    start();
    for (const std::string accepted : {"gzip", "br, GZIP;q=0.5", "deflate,gzip , br"}) {
        const Client::Answer answer = get("/large", "Accept-Encoding: " + accepted + "\r\n");
        EXPECT_EQ(answer.header("Content-Encoding"), "gzip") << accepted;
        EXPECT_EQ(answer.header("Vary"), "Accept-Encoding");
        EXPECT_EQ(gunzip(answer.body), std::string(100'000, 'x'));
    }
    for (const std::string header : {"", "Accept-Encoding: br, identity\r\n", "Accept-Encoding: gzip;q=0\r\n",
                                     "Accept-Encoding: gzip; q=0.0, br\r\n", "Accept-Encoding: x-gzipped\r\n"}) {
        const Client::Answer answer = get("/large", header);
        EXPECT_EQ(answer.header("Content-Encoding"), "") << header;
        EXPECT_EQ(answer.body.size(), 100'000u);
    }
    EXPECT_EQ(get("/small", "Accept-Encoding: gzip\r\n").header("Content-Encoding"), "");
}

TEST_F(HttpServer, PackedBodyIsUnpackedForWhoDoesNotTakeGzip) {
    start();
    EXPECT_EQ(get("/packed").body, "packed");
    EXPECT_EQ(gunzip(get("/packed", "Accept-Encoding: gzip\r\n").body), "packed");
}

TEST_F(HttpServer, AnswerWithoutContentHasNone) {
    start();
    const Client::Answer answer = get("/nothing");
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("Content-Length"), "");
    EXPECT_EQ(answer.header("Content-Type"), "");
}

TEST_F(HttpServer, HandlerThatThrowsIsA500AndNothingElse) {
    start();
    EXPECT_EQ(get("/throws").status, 500);
    EXPECT_THAT(get("/throws").body, Not(HasSubstr("a mistake of ours")));
    EXPECT_EQ(get("/").status, 200);
}

TEST_F(HttpServer, RepeatedFieldsAreAllSeen) {
    start();
    const std::string body = get("/headers", "host: evil\r\nCookie: a=1\r\nCOOKIE: sid=2\r\n").body;
    EXPECT_THAT(body, HasSubstr("host=localhost, evil\n"));
    EXPECT_THAT(body, HasSubstr("cookie=a=1; sid=2\n"));
}

TEST_F(HttpServer, WhatIsNotHttpIsToldSo) {
    start();
    for (const std::string_view bytes :
         {"\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
          "GET / HTTP/1.1\r\nA : b\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03 TLS\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\nX\x01: y\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"}) {
        const std::string answer = raw(bytes);
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << bytes;
        EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n")) << bytes;
        EXPECT_THAT(answer, HasSubstr("\"message\":\"this is not HTTP")) << bytes;
    }
    EXPECT_EQ(handled_, 0);
    EXPECT_EQ(get("/").status, 200);
}

// Two lengths for one request are how requests are smuggled past a proxy.
TEST_F(HttpServer, LengthAndChunksTogetherAreRefused) {
    start();
    const std::string answer =
        raw("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(answer, Not(HasSubstr("smuggled")));
}

TEST_F(HttpServer, OtherTransferCodingsAreRefused) {
    start();
    for (const std::string coding : {"xchunked", "gzip", "gzip, chunked", "identity", "chunked, chunked"}) {
        const std::string answer =
            raw("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n");
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << coding;
    }
    EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServer, MalformedAddressIsRefusedAndTheConnectionGoesOn) {
    start();
    Client client = connect();
    client.send(
        "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\nGET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET /good HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.read().status, 400);
    EXPECT_EQ(client.read().status, 400);
    EXPECT_EQ(client.read().body, "at /good");
}

TEST_F(HttpServer, TooManyHeadersAre431) {
    start();
    std::string many;
    for (int i = 0; i < 10'000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
    EXPECT_THAT(raw("GET / HTTP/1.1\r\nHost: a\r\n" + many + "\r\n"), StartsWith("HTTP/1.1 431 "));
    EXPECT_THAT(raw("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
    EXPECT_EQ(handled_, 0);
    EXPECT_EQ(get("/" + std::string(15'000, 'x')).status, 200);
}

TEST_F(HttpServer, TooLargeBodyIs413AndTheClientGetsToReadIt) {
    start();
    const std::string body(4 * 1024 * 1024, 'x');
    const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\n";
    EXPECT_THAT(raw(head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body),
                StartsWith("HTTP/1.1 413 "));
    EXPECT_THAT(raw(head + "Transfer-Encoding: chunked\r\n\r\n400000\r\n" + body + "\r\n0\r\n\r\n"),
                StartsWith("HTTP/1.1 413 "));
    EXPECT_THAT(raw(head + "Content-Length: 18446744073709551615\r\n\r\n"), StartsWith("HTTP/1.1 4"));
    EXPECT_GE(counts_.of(413), 2u);
    EXPECT_EQ(handled_, 0);
}

// Changes that wait for a stuck disk, as many as there may be, keep nobody from looking at it.
TEST_F(HttpServer, StuckChangesDoNotKeepOthersFromLooking) {
    start();
    std::vector<Client> stuck;
    for (int i = 0; i < 8; ++i) {
        stuck.push_back(connect());
        stuck.back().send("POST /stuck HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    }
    eventually([&] { return stuck_ > 0; });
    for (int i = 0; i < 8; ++i) EXPECT_EQ(get("/healthz").status, 200);
    unstuck_.count_down();
    for (Client& client : stuck) EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpServer, BodiesTogetherHaveABound) {
    start({.memory_bytes_max = 300'000});
    const std::string half(200'000, 'x');
    const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n";
    Client first = connect();
    first.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 200000\r\n\r\n");
    EXPECT_EQ(first.read_head().status, 100);  // from here on there is room for it, and for no other
    Client second = connect();
    second.send(head);
    const Client::Answer refused = second.read();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("Retry-After"), "10");
    EXPECT_EQ(get("/small").status, 200);
    first.send(half);
    EXPECT_EQ(first.read().status, 200);
    eventually([&] {
        Client third = connect();
        third.send(head + half);
        return third.read().body.size() == 5 + half.size();
    });
    eventually([&] { return get("/huge").status == 200; });  // what is too large for all of it goes alone
}

TEST_F(HttpServer, AnswersTogetherHaveABound) {
    start({.memory_bytes_max = 80 * 1024 * 1024});
    Client slow = connect();
    slow.send("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(slow.read_head().status, 200);  // and takes no more of it for now
    EXPECT_EQ(get("/huge").status, 503);
    EXPECT_EQ(get("/large").status, 200);
    slow.close();
    eventually([&] { return get("/huge").status == 200; });
}

TEST_F(HttpServer, RecordsMayBeLarger) {
    start();
    const std::string body(4 * 1024 * 1024, 'x');
    Client client = connect();
    client.send("POST /records?x=y HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body);
    EXPECT_EQ(client.read().body.size(), 5 + body.size());
    client.send("POST /records HTTP/1.1\r\nHost: a\r\nContent-Length: 33554433\r\n\r\n");
    EXPECT_EQ(client.read().status, 413);
}

TEST_F(HttpServer, SlowSendersAreCutOff) {
    start({.header_time_max = 50ms, .body_time_max = 50ms});
    Client header = connect();
    header.send("GET / HTTP/1.1\r\nHos");
    Client body = connect();
    body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    Client silent = connect();
    EXPECT_TRUE(header.is_closed());
    EXPECT_TRUE(body.is_closed());
    EXPECT_TRUE(silent.is_closed());
    EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServer, DrippingHeaderIsCutOffAllTheSame) {
    start({.header_time_max = 200ms});
    Client client = connect();
    const auto began = std::chrono::steady_clock::now();
    client.send("GET / HTTP/1.1\r\n");
    while (client.send("a: b\r\n") && std::chrono::steady_clock::now() - began < patience)
        std::this_thread::sleep_for(10ms);
    EXPECT_LT(std::chrono::steady_clock::now() - began, patience);
}

TEST_F(HttpServer, IdleConnectionIsClosed) {
    start({.idle_time_max = 50ms});
    Client client = connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.read().status, 200);
    EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServer, ReaderThatIsStuckIsCutOff) {
    start({.connections_max = 2, .write_time_max = 50ms});
    Client flooded = connect();
    flooded.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n");
    Client burdened = connect();
    burdened.send("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n");
    eventually([&] { return handled_ == 2; });
    eventually([&] { return floods_ == 0; });
    for (int i = 0; i < 2; ++i) {  // both places are free again
        eventually([&] {
            Client client = connect();
            return client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") && client.read().status == 200;
        });
    }
}

TEST_F(HttpServer, ConnectionsHaveABound) {
    start({.connections_max = 3});
    std::vector<Client> clients;
    for (int i = 0; i < 3; ++i) {
        clients.emplace_back(port_).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(clients.back().read().status, 200);
    }
    EXPECT_TRUE(connect().is_closed());
    EXPECT_EQ(counts_.turned_away(), 1u);
    clients.pop_back();
    eventually([&] {
        Client client = connect();
        return client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") && client.read().status == 200;
    });
}

TEST_F(HttpServer, StreamIsSentAsItComes) {
    start();
    Client client = connect();
    client.send("GET /tail HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.read_head().header("X-Accel-Buffering"), "no");
    EXPECT_EQ(client.read_chunk(), "tick\n");
    EXPECT_EQ(client.read_chunk(), "tick\n");
}

TEST_F(HttpServer, StreamsHaveABoundAndTheirOwnRefusal) {
    start({.streams_max = 2});
    std::vector<Client> clients;
    for (int i = 0; i < 2; ++i) {
        clients.emplace_back(port_).send("GET /tail HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(clients.back().read_head().status, 200);
    }
    const Client::Answer refused = get("/tail");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("Retry-After"), "10");
    EXPECT_EQ(get("/").status, 200);
}

TEST_F(HttpServer, ClientThatGoesAwayFreesItsStream) {
    start({.streams_max = 1});
    for (int i = 0; i < 3; ++i) {
        Client client = connect();
        client.send("GET /tail HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(client.read_head().status, 200);
        EXPECT_EQ(client.read_chunk(), "tick\n");
        client.close();
        eventually([&] { return tails_ == 0; });
    }
}

TEST_F(HttpServer, StreamThatFailsEndsWithoutItsLastChunk) {
    start();
    Client client = connect();
    client.send("GET /failing HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string all = client.read_to_end();
    EXPECT_THAT(all, HasSubstr("4\r\nsome\r\n"));
    EXPECT_THAT(all, Not(HasSubstr("0\r\n\r\n")));
    EXPECT_EQ(get("/").status, 200);
}

TEST_F(HttpServer, OldClientGetsAStreamWithoutChunks) {
    start();
    const std::string all = raw("GET /pieces HTTP/1.0\r\nHost: a\r\n\r\n");
    EXPECT_THAT(all, HasSubstr("\r\n\r\npiece 1\npiece 2\npiece 4\npiece 5\n"));
    EXPECT_THAT(all, Not(HasSubstr("chunked")));
}

TEST_F(HttpServer, StopEndsOpenStreams) {
    start();
    std::vector<Client> clients;
    for (int i = 0; i < 5; ++i) clients.emplace_back(port_).send("GET /tail HTTP/1.1\r\nHost: a\r\n\r\n");
    eventually([&] { return tails_ == 5; });
    const auto began = std::chrono::steady_clock::now();
    server_.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    EXPECT_EQ(tails_, 0);
    for (Client& client : clients) client.read_to_end();
}

TEST_F(HttpServer, PortInUseIsASentence) {
    start();
    broker::ConsoleConfig config;
    config.listeners = {{.host = "127.0.0.1", .port = port_}};
    const auto second = Server::open(config, [](Request&) { return Response(); }, counts_);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error(), HasSubstr("cannot be opened"));
}

TEST_F(HttpServer, OpenAddressNeedsPermission) {
    broker::ConsoleConfig config;
    for (const std::string host : {"0.0.0.0", "::"}) {
        config.listeners = {{.host = host, .port = 0}};
        const auto refused = Server::open(config, [](Request&) { return Response(); }, counts_);
        ASSERT_FALSE(refused) << host;
        EXPECT_THAT(refused.error(), HasSubstr("console.allow.insecure"));
    }
    config.allow_insecure = true;
    config.listeners = {{.host = "0.0.0.0", .port = 0}};
    EXPECT_TRUE(Server::open(config, [](Request&) { return Response(); }, counts_));
}

}  // namespace
}  // namespace mamba::admin
