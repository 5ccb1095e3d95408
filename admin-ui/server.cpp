#include "admin-ui/server.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "admin-ui/gzip.h"
#include "admin-ui/json.h"
#include "broker/logging.h"

namespace mamba::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

const broker::Logger console_log = broker::logger("mamba.console");

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);  // (error, value), never throws
constexpr std::size_t handler_threads = 4;      // for what only looks, and as many for the rest
constexpr std::size_t held_bytes_min = 64 * 1024;  // smaller bodies and answers are not counted
constexpr std::size_t compressed_from = 1024;  // bytes
constexpr std::size_t bytes_per_second_min = 64 * 1024;
constexpr int thread_niceness = 10;            // when there is not enough CPU for both, the broker goes first

constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; worker-src 'self'";

// Once a thread.
void step_back() {
    thread_local bool done = false;
    if (std::exchange(done, true)) return;
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), thread_niceness);
}

Method method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get:
            return Method::get;
        case http::verb::head:
            return Method::head;
        case http::verb::post:
            return Method::post;
        case http::verb::put:
            return Method::put;
        case http::verb::patch:
            return Method::patch;
        case http::verb::delete_:
            return Method::del;
        default:
            return Method::other;
    }
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

std::string text_of_address(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    }
    return address.to_string();
}

bool takes_records(std::string_view target) {
    target = target.substr(0, target.find('?'));
    return target.ends_with("/records");
}

// "gzip;q=0" says that it is not taken.
bool takes_gzip(std::string_view accepted) {
    while (!accepted.empty()) {
        std::string coding = lower(accepted.substr(0, accepted.find(',')));
        accepted.remove_prefix(std::min(accepted.size(), coding.size() + 1));
        std::erase(coding, ' ');
        if (coding == "gzip") return true;
        if (coding.starts_with("gzip;q=")) return coding.find_first_of("123456789", 7) != std::string::npos;
    }
    return false;
}

// What a field means that came more than once: all its values. So two hosts or two types, each good
// alone, pass no check.
void add_header(Headers& headers, std::string_view name, std::string_view value) {
    const auto [at, is_new] = headers.emplace(lower(name), value);
    if (is_new) return;
    at->second += at->first == "cookie" ? "; " : ", ";
    at->second += value;
}

// Runs `work` on the handlers' threads and resumes with what it gives.
template <class Work>
asio::awaitable<std::invoke_result_t<Work>> on_handlers(broker::WorkerPool& handlers, Work work) {
    using Result = std::invoke_result_t<Work>;
    const auto executor = co_await asio::this_coro::executor;
    const auto start = [&handlers, executor](auto resume, Work what) {
        handlers.submit([executor, resume = std::move(resume), what = std::move(what)]() mutable {
            asio::post(executor,
                       [resume = std::move(resume), result = what()]() mutable { resume(std::move(result)); });
        });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result)>(
        start, asio::use_awaitable, std::move(work));
}

Response plain_error(int status, std::string_view message) {
    Response response;
    response.status = status;
    response.body = json::serialize(error_body({.status = status, .message = std::string(message)}, ""));
    if (status == 503) response.headers.emplace_back("Retry-After", "10");
    return response;
}

}  // namespace

// One connection and what is under way on it.
class Server::Exchange {
public:
    Exchange(Server& server, tcp::socket socket)
        : server_(server), limits_(server.limits_), stream_(std::move(socket)), held_(server.held_bytes_) {
        boost::system::error_code error;
        const tcp::endpoint peer = stream_.socket().remote_endpoint(error);
        if (!error) remote_ = text_of_address(peer.address());
        stream_.socket().set_option(tcp::no_delay(true), error);
    }

    // Serves one request after the other.
    asio::awaitable<void> run() {
        auto wait = limits_.header_time_max;
        for (;;) {
            held_.hold(0, limits_.memory_bytes_max);
            http::request_parser<http::string_body> parser;
            parser.header_limit(limits_.header_bytes_max);
            parser.body_limit(limits_.produce_bytes_max);
            stream_.expires_after(wait);
            const auto [header_error, header_bytes] =
                co_await http::async_read_header(stream_, buffer_, parser, as_result);
            if (header_error) {
                if (const auto refusal = refusal_of(header_error)) co_await turn_away(*refusal);
                break;
            }
            const std::string_view coding = parser.get()[http::field::transfer_encoding];
            if (!coding.empty() && lower(coding) != "chunked") {
                Refusal refusal{400, "of transfer codings only chunked is understood"};
                co_await turn_away(std::move(refusal));
                break;
            }
            const std::string_view target = parser.get().target();
            const std::uint64_t limit = takes_records(target) ? limits_.produce_bytes_max : limits_.body_bytes_max;
            if (parser.content_length().value_or(0) > limit) {
                Refusal refusal{413, std::string(too_large)};
                co_await turn_away(std::move(refusal));
                break;
            }
            parser.body_limit(limit);
            const std::uint64_t expected = parser.content_length().value_or(parser.chunked() ? limit : 0);
            if (!held_.hold(expected, limits_.memory_bytes_max)) {
                Refusal refusal{503, std::string(too_busy)};
                co_await turn_away(std::move(refusal));
                break;
            }
            if (lower(parser.get()[http::field::expect]) == "100-continue") {
                const http::response<http::empty_body> go_on(http::status::continue_, 11);
                stream_.expires_after(limits_.write_time_max);
                const auto [error, bytes] = co_await http::async_write(stream_, go_on, as_result);
                if (error) break;
            }
            stream_.expires_after(limits_.body_time_max);
            const auto [body_error, body_bytes] = co_await http::async_read(stream_, buffer_, parser, as_result);
            if (body_error) {
                if (const auto refusal = refusal_of(body_error)) co_await turn_away(*refusal);
                break;
            }
            const bool keep_alive = parser.get().keep_alive();
            if (!co_await answer(parser.release(), keep_alive)) break;
            wait = limits_.idle_time_max;
        }
        boost::system::error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

private:
    using Message = http::request<http::string_body>;
    using Clock = std::chrono::steady_clock;

    static constexpr std::string_view too_large = "the body is too large";
    static constexpr std::string_view too_busy = "the console has too much at hand; try again in a moment";

    // One connection's share of what all of them hold in memory.
    class Held {
    public:
        explicit Held(std::size_t& all) : all_(all) {}
        ~Held() { all_ -= own_; }
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;

        // From now on so many bytes instead of those before. False when there is no room: something
        // too large for all of it goes alone.
        bool hold(std::uint64_t bytes, std::size_t max) {
            all_ -= std::exchange(own_, 0);
            if (bytes <= held_bytes_min) return true;
            if (all_ > 0 && all_ + bytes > max) return false;
            all_ += bytes;
            own_ = bytes;
            return true;
        }

    private:
        std::size_t& all_;
        std::size_t own_ = 0;
    };

    // What cannot be served, and why.
    struct Refusal {
        int status = 400;
        std::string sentence;
    };
    // Nothing where the client is gone or too slow: there is nobody to tell.
    static std::optional<Refusal> refusal_of(const boost::system::error_code& error) {
        if (error == http::error::header_limit) return Refusal{431, "the header is too large"};
        if (error == http::error::body_limit) return Refusal{413, std::string(too_large)};
        const bool is_gone = error == http::error::end_of_stream || error == http::error::partial_message;
        const bool is_http = error.category() == make_error_code(http::error::bad_method).category();
        if (is_gone || !is_http) return std::nullopt;
        return Refusal{400, "this is not HTTP: " + error.message()};
    }

    // Answers a request that was not read to its end, and reads on for a while without looking: a
    // socket that is closed with bytes unread takes the answer with it.
    asio::awaitable<void> turn_away(Refusal refusal) {
        head_only_ = false;
        keep_alive_ = false;
        co_await send(plain_error(refusal.status, refusal.sentence));
        boost::system::error_code failed;
        stream_.socket().shutdown(tcp::socket::shutdown_send, failed);
        buffer_.clear();
        stream_.expires_after(limits_.linger_time_max);
        while (!failed) {
            const auto [error, bytes] = co_await stream_.async_read_some(buffer_.prepare(64 * 1024), as_result);
            failed = error;
        }
    }

    // False when the connection ends with it.
    asio::awaitable<bool> answer(Message message, bool keep_alive) {
        Request request;
        request.method = method_of(message.method());
        request.remote = remote_;
        for (const auto& field : message) add_header(request.headers, field.name_string(), field.value());
        head_only_ = request.method == Method::head;
        keep_alive_ = keep_alive;
        takes_gzip_ = takes_gzip(request.header("accept-encoding"));
        is_http10_ = message.version() < 11;
        if (!parse_target(message.target(), request)) {
            co_return co_await send(plain_error(400, "the address is malformed"));
        }
        request.body = std::move(message.body());
        known_etag_ = request.header("if-none-match");
        stream_.expires_never();
        const bool is_look = request.method == Method::get || request.method == Method::head;
        broker::WorkerPool& handlers = is_look ? *server_.handlers_ : *server_.slow_handlers_;
        Response response = co_await on_handlers(
            handlers, [this, request = std::move(request)]() mutable { return prepare(request); });
        if (response.stream) co_return co_await send_stream(std::move(response), handlers);
        co_return co_await send(std::move(response));
    }

    // On a handler's thread.
    Response prepare(Request& request) {
        step_back();
        Response response;
        try {
            response = server_.handle_(request);
        } catch (const std::exception& error) {
            console_log.error("{} {}: {}", name_of(request.method), broker::escape(request.path), error.what());
            response = refuse(request, {.status = 500, .message = "this went wrong in the broker; its log says why"});
        }
        if (response.stream) return response;
        if (!response.etag.empty() && known_etag_.find(response.etag) != std::string::npos) {
            response.status = 304;
            response.body.clear();
            return response;
        }
        if (response.is_compressed && !takes_gzip_) {
            response.body = gunzip(response.body);
            response.is_compressed = false;
        } else if (!response.is_compressed && takes_gzip_ && response.body.size() > compressed_from) {
            response.body = gzip(response.body);
            response.is_compressed = true;
        }
        return response;
    }

    template <class Body>
    http::response<Body> head_of(const Response& response) const {
        http::response<Body> head(static_cast<http::status>(response.status), 11);
        head.set("Content-Security-Policy", content_policy);
        head.set("X-Content-Type-Options", "nosniff");
        head.set("Referrer-Policy", "no-referrer");
        head.set("Cross-Origin-Opener-Policy", "same-origin");
        head.set("Cross-Origin-Resource-Policy", "same-origin");
        head.set("Permissions-Policy",
                 "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()");
        if (!response.content_type.empty()) head.set(http::field::content_type, response.content_type);
        if (!response.etag.empty()) head.set(http::field::etag, response.etag);
        if (response.is_compressed) head.set(http::field::content_encoding, "gzip");
        bool says_caching = false;
        for (const auto& [name, value] : response.headers) {
            head.insert(name, value);
            says_caching = says_caching || name == "Cache-Control";
        }
        head.set(http::field::vary, "Accept-Encoding");
        if (!says_caching) head.set(http::field::cache_control, response.etag.empty() ? "no-store" : "no-cache");
        head.keep_alive(keep_alive_);
        server_.counts_.add(response.status);
        return head;
    }

    asio::awaitable<bool> send(Response response) {
        if (!held_.hold(response.body.size(), limits_.memory_bytes_max)) response = plain_error(503, too_busy);
        http::response<http::string_body> message = head_of<http::string_body>(response);
        const std::size_t size = response.body.size();
        if (!head_only_) message.body() = std::move(response.body);
        if (response.status != 304 && response.status != 204) message.content_length(size);
        http::response_serializer<http::string_body> serializer(message);
        if (head_only_) {
            stream_.expires_after(limits_.write_time_max);
            const auto [error, bytes] = co_await http::async_write_header(stream_, serializer, as_result);
            co_return !error && keep_alive_;
        }
        // Cut off is who takes nothing for a while, and who takes too little over all.
        const auto end = Clock::now() + limits_.write_time_max + std::chrono::seconds(size / bytes_per_second_min);
        while (!serializer.is_done()) {
            stream_.expires_at(std::min(Clock::now() + limits_.write_time_max, end));
            const auto [error, bytes] = co_await http::async_write_some(stream_, serializer, as_result);
            if (error) co_return false;
        }
        co_return keep_alive_;
    }

    asio::awaitable<bool> send_stream(Response response, broker::WorkerPool& handlers) {
        if (server_.streams_ >= limits_.streams_max) {
            Response busy = plain_error(503, "too many pages of this console are open; close some");
            co_return co_await send(std::move(busy));
        }
        const Counted counted(server_.streams_);
        held_.hold(0, limits_.memory_bytes_max);  // one part at a time is next to nothing
        response.headers.emplace_back("X-Accel-Buffering", "no");
        if (is_http10_) keep_alive_ = false;  // which knows no chunks: the end of the connection is the body's
        http::response<http::empty_body> head = head_of<http::empty_body>(response);
        head.chunked(!is_http10_);
        http::response_serializer<http::empty_body> serializer(head);
        stream_.expires_after(limits_.write_time_max);
        const auto [head_error, head_bytes] = co_await http::async_write_header(stream_, serializer, as_result);
        if (head_error) co_return false;
        if (head_only_) co_return keep_alive_;
        asio::steady_timer rest(stream_.get_executor());
        for (;;) {
            std::optional<BodyStream::Part> part =
                co_await on_handlers(handlers, [&] { return next_part(*response.stream); });
            if (!part) co_return false;  // an end without the last chunk tells the client that some is missing
            if (!part->bytes.empty()) {
                stream_.expires_after(limits_.write_time_max);
                const bool sent = co_await send_piece(part->bytes);
                if (!sent) co_return false;
            }
            if (part->is_last) break;
            if (part->rest.count() > 0) {
                rest.expires_after(part->rest);
                const auto [error] = co_await rest.async_wait(as_result);
                if (error) co_return false;
            }
            if (has_hung_up()) co_return false;
        }
        if (is_http10_) co_return false;
        stream_.expires_after(limits_.write_time_max);
        const auto [error, bytes] = co_await asio::async_write(stream_, http::make_chunk_last(), as_result);
        co_return !error && keep_alive_;
    }

    // On a handler's thread; nothing when it failed.
    static std::optional<BodyStream::Part> next_part(BodyStream& stream) {
        try {
            return stream.next();
        } catch (const std::exception& error) {
            console_log.error("an answer was cut off: {}", error.what());
            return std::nullopt;
        }
    }

    asio::awaitable<bool> send_piece(const std::string& piece) {
        if (is_http10_) {
            const auto [error, bytes] = co_await asio::async_write(stream_, asio::buffer(piece), as_result);
            co_return !error;
        }
        const auto chunk = http::make_chunk(asio::buffer(piece));
        const auto [error, bytes] = co_await asio::async_write(stream_, chunk, as_result);
        co_return !error;
    }

    // A client that only listens is gone when its socket can be read and gives nothing.
    bool has_hung_up() {
        char byte = 0;
        const ssize_t size = ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return size == 0 || (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    }

    struct Counted {
        explicit Counted(std::size_t& n) : count(n) { ++count; }
        ~Counted() { --count; }
        Counted(const Counted&) = delete;
        Counted& operator=(const Counted&) = delete;
        std::size_t& count;
    };

    Server& server_;
    const ServerLimits& limits_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    std::string remote_;
    Held held_;
    // Of the request under way.
    bool head_only_ = false;
    bool keep_alive_ = false;
    bool takes_gzip_ = false;
    bool is_http10_ = false;
    std::string known_etag_;
};

Server::Server(Handle handle, AnswerCounts& counts, ServerLimits limits)
    : handle_(std::move(handle)), counts_(counts), limits_(limits), work_(context_.get_executor()) {}

Server::~Server() { stop(); }

std::expected<std::unique_ptr<Server>, std::string> Server::open(const broker::ConsoleConfig& config,
                                                                    Handle handle, AnswerCounts& counts,
                                                                    ServerLimits limits) {
    std::unique_ptr<Server> server(new Server(std::move(handle), counts, limits));
    for (const broker::ConsoleListener& listener : config.listeners) {
        if (auto bound = server->bind(listener, config.allow_insecure); !bound)
            return std::unexpected(std::move(bound.error()));
    }
    return server;
}

std::expected<void, std::string> Server::bind(const broker::ConsoleListener& listener, bool allow_insecure) {
    const std::string host = listener.host.find(':') == std::string::npos ? listener.host : "[" + listener.host + "]";
    const std::string url = fmt::format("http://{}:{}", host, listener.port);
    boost::system::error_code error;
    tcp::resolver resolver(context_);
    const auto found = resolver.resolve(listener.host, std::to_string(listener.port), error);
    if (error || found.empty()) return std::unexpected(url + ": " + error.message());
    const tcp::endpoint endpoint = found.begin()->endpoint();
    if (!endpoint.address().is_loopback() && !allow_insecure) {
        return std::unexpected(url + " can be reached from other machines, and this version has neither encryption nor "
                                     "authentication; console.allow.insecure=true serves it all the same");
    }
    auto acceptor = std::make_unique<tcp::acceptor>(context_);
    const auto step = [&](const auto& action) {
        if (!error) action();
    };
    acceptor->open(endpoint.protocol(), error);
    step([&] { acceptor->set_option(tcp::acceptor::reuse_address(true), error); });
    step([&] { acceptor->bind(endpoint, error); });
    step([&] { acceptor->listen(asio::socket_base::max_listen_connections, error); });
    if (error) return std::unexpected(url + " cannot be opened: " + error.message());
    urls_.push_back(fmt::format("http://{}:{}", host, acceptor->local_endpoint().port()));
    acceptors_.push_back(std::move(acceptor));
    return {};
}

void Server::start() {
    handlers_ = std::make_unique<broker::WorkerPool>(handler_threads, "console-look");
    slow_handlers_ = std::make_unique<broker::WorkerPool>(handler_threads, "console-slow");
    for (const auto& acceptor : acceptors_) asio::co_spawn(context_, accept(*acceptor), asio::detached);
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "console-io");
        step_back();
        context_.run();
    });
}

void Server::stop() {
    if (std::exchange(stopped_, true)) return;
    context_.stop();
    if (thread_.joinable()) thread_.join();
    if (handlers_) handlers_->stop();
    if (slow_handlers_) slow_handlers_->stop();
}

asio::awaitable<void> Server::accept(tcp::acceptor& acceptor) {
    for (;;) {
        auto [error, socket] = co_await acceptor.async_accept(as_result);
        if (error) {
            asio::steady_timer rest(context_, std::chrono::milliseconds(100));
            co_await rest.async_wait(as_result);
            continue;
        }
        if (connections_ >= limits_.connections_max) {
            counts_.add_turned_away();
            continue;  // closed by its destructor
        }
        asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
    }
}

asio::awaitable<void> Server::serve(tcp::socket socket) {
    ++connections_;
    Exchange exchange(*this, std::move(socket));
    co_await exchange.run();
    --connections_;
}

}  // namespace mamba::admin
