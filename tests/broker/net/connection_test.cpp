#include "broker/net/connection.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <deque>

#include "log/storage.h"
#include "tests/broker/metadata/temporary_folder.h"

namespace mamba::broker::net {
namespace {

// Holds the places of all requests, for the test to answer.
class HeldRequests final : public FrameHandler {
public:
    bool on_frame(std::span<std::byte> frame, ReplySlot slot, Client&, Instant) override {
        if (frame.empty()) return false;
        frames.emplace_back(frame.begin(), frame.end());
        if (answer_bytes > 0) {
            slot.answer({.bytes = Bytes(answer_bytes, frame.front()), .splices = {}, .slices = {}});
        } else {
            slots.push_back(std::move(slot));
        }
        return true;
    }
    void end_turn() override { ++turns; }
    void on_sent(const ServedRequest& request) override {
        EXPECT_LE(request.received, request.ready);
        EXPECT_LE(request.ready, request.sent);
        sent_apis.push_back(request.api_key);
    }
    void on_bad_frame_size(const Client&, std::int32_t size) override { bad_sizes.push_back(size); }

    std::size_t answer_bytes = 0;  // not 0: every request is answered at once with so many bytes
    std::deque<Bytes> frames;
    std::deque<ReplySlot> slots;
    std::vector<std::int32_t> bad_sizes;
    std::vector<std::int16_t> sent_apis;
    int turns = 0;
};

Answer answer_of(std::string_view text) {
    const BytesView bytes = as_bytes(text);
    return {.bytes = Bytes(bytes.begin(), bytes.end()), .splices = {}, .slices = {}};
}

// A connection with its client at the other end of a socket pair; the test turns the event loop.
class ConnectionTest : public testing::Test {
protected:
    ConnectionTest() { ::signal(SIGPIPE, SIG_IGN); }
    ~ConnectionTest() override {
        if (client_ >= 0) ::close(client_);
        if (const auto left = connection_.lock()) left->close("the test ends");
        run();
    }

    void connect(ConnectionLimits limits = {}) {
        std::array<int, 2> ends{};
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
        client_ = ends[1];
        asio::ip::tcp::socket socket(thread_.context(), asio::ip::tcp::v4(), ends[0]);
        const auto connection = std::make_shared<Connection>(std::move(socket), thread_, handler_, budget_,
                                                             Client{.host = "test", .listener = ""}, limits,
                                                             [this](Connection&) { ++closed_; });
        connection_ = connection;
        connection->start();
        run();
    }
    void run() {
        thread_.end_turn();
        thread_.poll();
    }

    void send(std::string_view body) {
        std::string bytes{'\0', '\0', static_cast<char>(body.size() >> 8), static_cast<char>(body.size())};
        bytes += body;
        send_raw(bytes);
    }
    void send_raw(std::string_view bytes) {
        ASSERT_EQ(::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
        run();
    }
    // All that has come; "<end>" at the end when the broker has closed.
    std::string receive(std::size_t size_max = 1 << 22) {
        std::string text;
        while (text.size() < size_max) {
            std::string part(std::min<std::size_t>(size_max - text.size(), 65'536), '\0');
            const ssize_t size = ::recv(client_, part.data(), part.size(), 0);
            if (size == 0 || (size < 0 && errno == ECONNRESET)) return text + "<end>";
            if (size < 0) {
                const std::size_t before = text.size();
                run();
                char probe = 0;
                if (::recv(client_, &probe, 1, MSG_PEEK) < 0 && errno == EAGAIN && text.size() == before) return text;
                continue;
            }
            text.append(part, 0, static_cast<std::size_t>(size));
        }
        return text;
    }
    void answer(std::size_t request, Answer answer) { handler_.slots.at(request).answer(std::move(answer)); }

    MemoryBudget budget_{1'000'000};
    HeldRequests handler_;
    IoThread thread_{0};
    int client_ = -1;
    std::weak_ptr<Connection> connection_;
    int closed_ = 0;
};

TEST_F(ConnectionTest, AnswersLeaveInTheOrderOfTheRequests) {
    connect();
    send("1");
    send("2");
    send("3");
    answer(2, answer_of("c"));
    answer(1, answer_of("b"));
    run();
    EXPECT_EQ(receive(), "");
    answer(0, answer_of("a"));
    run();
    EXPECT_EQ(receive(), "abc");
}

TEST_F(ConnectionTest, FramesOfOneReceiveAreOneTurn) {
    connect();
    send_raw(std::string("\0\0\0\1a\0\0\0\1b\0\0\0\2cd", 16));
    EXPECT_EQ(handler_.frames.size(), 3U);
    EXPECT_EQ(handler_.turns, 1);
}

TEST_F(ConnectionTest, APlaceWithoutAnAnswerHoldsNothingUp) {
    connect();
    send("1");
    send("2");
    send("3");
    handler_.slots[1].skip();
    answer(2, answer_of("c"));
    answer(0, answer_of("a"));
    run();
    EXPECT_EQ(receive(), "ac");
}

// acks=0: nothing is sent, and it is counted all the same.
TEST_F(ConnectionTest, TellsOfARequestThatWantsNoAnswer) {
    connect();
    send("12");
    Answer told;
    told.api_key = 0;
    told.topics.of(Uuid()).in = 100;
    handler_.slots[0].skip(std::move(told));
    run();
    EXPECT_EQ(receive(), "");
    const auto recent = connection_.lock()->recent_requests().newest();
    ASSERT_EQ(recent.size(), 1U);
    EXPECT_EQ(recent[0].api_key, 0);
    EXPECT_EQ(recent[0].bytes_in, 2U);
    EXPECT_EQ(recent[0].bytes_out, 0U);
    EXPECT_LT(recent[0].sent_us, 1'000'000U);  // not from the answer before it
    EXPECT_EQ(connection_.lock()->topics().all().front().in, 100U);
}

TEST_F(ConnectionTest, TellsOfAnAnswerOnceAllOfItIsSent) {
    connect();
    send("1");
    send("2");
    Answer second = answer_of("b");
    second.api_key = 3;
    answer(1, std::move(second));
    run();
    EXPECT_TRUE(handler_.sent_apis.empty());
    Answer first = answer_of("a");
    first.api_key = 1;
    answer(0, std::move(first));
    run();
    EXPECT_EQ(handler_.sent_apis, (std::vector<std::int16_t>{1, 3}));
    const auto recent = connection_.lock()->recent_requests().newest();
    ASSERT_EQ(recent.size(), 2u);
    EXPECT_EQ(recent.front().api_key, 3);
    EXPECT_EQ(recent.front().bytes_in, 1u);
}

TEST_F(ConnectionTest, SlicesAreSplicedInWhereTheyBelong) {
    const TemporaryFolder folder;
    const auto storage = log::posix_storage();
    auto file = storage->open((folder.path() / "segment").string(), log::Storage::Open::create);
    ASSERT_TRUE(file);
    std::string content(300'000, 'x');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>('a' + i % 26);
    const BytesView piece = as_bytes(content);
    ASSERT_TRUE((*file)->write(0, std::span(&piece, 1)));
    connect();
    send("1");
    send("2");
    Answer spliced = answer_of("[][]");
    spliced.splices = {{1, 200'000, 1}, {3, 5, 0}};
    spliced.slices = {{*file, 26, 5}, {*file, 52, 200'000}};
    Answer ends_with_slice = answer_of("<");
    ends_with_slice.splices = {{1, 3, 0}};
    ends_with_slice.slices = {{*file, 0, 3}};
    answer(1, std::move(ends_with_slice));
    answer(0, std::move(spliced));
    run();
    EXPECT_EQ(receive(), "[" + content.substr(52, 200'000) + "][abcde]<abc");
    EXPECT_EQ(connection_.lock()->stats().unsent.get(), 0U);
}

TEST_F(ConnectionTest, ManyAnswersInOneTurnAllLeave) {
    connect({.in_flight_max = 1000});
    std::string expected;
    for (int i = 0; i < 500; ++i) send("r");
    for (std::size_t i = 500; i > 0; --i) answer(i - 1, answer_of(std::to_string(i)));
    run();
    for (int i = 1; i <= 500; ++i) expected += std::to_string(i);
    EXPECT_EQ(receive(), expected);
}

// A request of 20 bytes may have an answer of a megabyte; thousands of them fit into one receive.
TEST_F(ConnectionTest, HandlesNoMoreOfATurnThanTheBoundOnUnsentAnswersAllows) {
    connect({.answer_bytes_max = 1'000'000});
    handler_.answer_bytes = 400'000;
    std::string burst;
    for (int i = 0; i < 100; ++i) burst += std::string("\0\0\0\1", 4) + static_cast<char>('a' + i % 26);
    send_raw(burst);
    EXPECT_LE(handler_.frames.size(), 10U);  // three at a time, and some that the socket took
    std::size_t got = 0;
    std::string order;
    while (got < 100 * 400'000ULL) {
        const std::string part = receive(400'000);
        ASSERT_FALSE(part.empty());
        got += part.size();
    }
    EXPECT_EQ(got, 100 * 400'000ULL);
    EXPECT_EQ(handler_.frames.size(), 100U);
}

TEST_F(ConnectionTest, ReadsOnWhenAnAnswerMakesRoomInFlight) {
    connect({.in_flight_max = 2});
    send("1");
    send("2");
    send("3");
    EXPECT_EQ(handler_.frames.size(), 2U);
    answer(0, answer_of("a"));
    run();
    EXPECT_EQ(handler_.frames.size(), 3U);
}

// The half frame waits behind requests that we have not answered.
TEST_F(ConnectionTest, AHalfFrameThatWeDoNotReadIsNotTheClientsFault) {
    connect({.in_flight_max = 1});
    send_raw(std::string("\0\0\0\1a\0\0\0\1b\0\0", 12));
    const Instant start = std::chrono::steady_clock::now();
    const auto connection = connection_.lock();
    connection->check_deadlines(start + std::chrono::minutes(1));
    EXPECT_FALSE(connection->is_closed());
    answer(0, answer_of("a"));
    run();
    answer(1, answer_of("b"));
    run();
    connection->check_deadlines(start + std::chrono::minutes(3));
    EXPECT_TRUE(connection->is_closed());
}

TEST_F(ConnectionTest, ASlowSenderOfALargeFrameHasTimeByWhatItHasSent) {
    connect();
    send_raw(std::string("\0\1\0\0", 4) + std::string(60'000, 'x'));
    const Instant start = std::chrono::steady_clock::now();
    const auto connection = connection_.lock();
    connection->check_deadlines(start + std::chrono::seconds(31));
    EXPECT_FALSE(connection->is_closed());
    connection->check_deadlines(start + std::chrono::seconds(40));
    EXPECT_TRUE(connection->is_closed());
}

TEST_F(ConnectionTest, AClientThatTakesNothingIsCutOff) {
    connect();
    handler_.answer_bytes = 8'000'000;
    send("1");
    const auto connection = connection_.lock();
    const Instant start = std::chrono::steady_clock::now();
    connection->check_deadlines(start + std::chrono::minutes(1));
    EXPECT_FALSE(connection->is_closed());
    connection->check_deadlines(start + std::chrono::minutes(3));
    EXPECT_TRUE(connection->is_closed());
    EXPECT_EQ(closed_, 1);
}

TEST_F(ConnectionTest, AnIdleClientIsCutOffUnlessItWaitsForAnAnswer) {
    connect();
    send("1");
    const auto connection = connection_.lock();
    const Instant start = std::chrono::steady_clock::now();
    connection->check_deadlines(start + std::chrono::minutes(11));
    EXPECT_FALSE(connection->is_closed());
    answer(0, answer_of("a"));
    run();
    connection->check_deadlines(start + std::chrono::minutes(11));
    EXPECT_TRUE(connection->is_closed());
}

TEST_F(ConnectionTest, BadSizesAndBadRequestsCloseAfterEarlierAnswers) {
    connect();
    handler_.answer_bytes = 1;
    send_raw(std::string("\0\0\0\1a\xff\xff\xff\xff", 9));
    EXPECT_EQ(receive(), "a<end>");
    EXPECT_EQ(handler_.bad_sizes, std::vector<std::int32_t>{-1});
    EXPECT_EQ(closed_, 1);
    ::close(client_);
    connect();
    send_raw(std::string("\0\0\0\0", 4));
    EXPECT_EQ(receive(), "<end>");
}

// A parked request must not keep the connection of a client that has gone: not its memory, and not
// beyond the end of the io threads.
TEST_F(ConnectionTest, DiesWithItsClientAlthoughRequestsStillWait) {
    connect();
    send("1");
    EXPECT_FALSE(handler_.slots[0].is_gone());
    ::close(std::exchange(client_, -1));
    run();
    EXPECT_EQ(closed_, 1);
    EXPECT_TRUE(connection_.expired());
    EXPECT_TRUE(handler_.slots[0].is_gone());
    answer(0, answer_of("late"));
    run();
}

TEST_F(ConnectionTest, SeesThatAClientHasGoneThoughItReadsNoMore) {
    connect({.in_flight_max = 1});
    send("1");
    send("2");
    ::close(std::exchange(client_, -1));
    run();
    EXPECT_EQ(closed_, 0);
    connection_.lock()->check_deadlines(std::chrono::steady_clock::now());
    EXPECT_EQ(closed_, 1);
}

TEST_F(ConnectionTest, AwaitsTheBudgetWithoutAWakeUp) {
    budget_.take(1'000'000);
    connect();
    send("1");
    EXPECT_TRUE(handler_.frames.empty());
    budget_.give_back(1'000'000);
    while (handler_.frames.empty()) thread_.context().run_one();
}

TEST_F(ConnectionTest, ReturnsTheBudgetOfAFrameThatNeverEnds) {
    connect();
    send_raw(std::string("\0\3\0\0", 4) + std::string(100'000, 'x'));
    EXPECT_GE(budget_.used(), 99'000U);
    ::close(std::exchange(client_, -1));
    run();
    EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(ConnectionTest, ADrainedConnectionAnswersWhatItHasReadAndNothingElse) {
    connect();
    send("1");
    send("2");
    connection_.lock()->drain();
    send("3");
    EXPECT_EQ(handler_.frames.size(), 2U);
    answer(0, answer_of("a"));
    run();
    EXPECT_EQ(receive(), "a");
    answer(1, answer_of("b"));
    run();
    EXPECT_EQ(receive(), "b<end>");
    EXPECT_EQ(closed_, 0);  // what it sends yet must not make a reset of the end
    send("4");
    EXPECT_EQ(closed_, 0);
    ::close(std::exchange(client_, -1));
    run();
    EXPECT_EQ(closed_, 1);
    EXPECT_EQ(handler_.frames.size(), 2U);
}

TEST_F(ConnectionTest, ADrainedConnectionSendsALongAnswerToItsEnd) {
    connect();
    handler_.answer_bytes = 8'000'000;
    send("a");
    connection_.lock()->drain();
    run();
    EXPECT_EQ(receive(8'000'000).size(), 8'000'000U);
    run();
    EXPECT_EQ(receive(), "<end>");
}

TEST_F(ConnectionTest, ADrainedConnectionDoesNotWaitForItsClientForEver) {
    connect();
    const auto connection = connection_.lock();
    connection->drain();
    run();
    EXPECT_EQ(receive(), "<end>");
    const Instant start = std::chrono::steady_clock::now();
    connection->check_deadlines(start + std::chrono::milliseconds(100));
    EXPECT_FALSE(connection->is_closed());
    connection->check_deadlines(start + std::chrono::seconds(1));
    EXPECT_TRUE(connection->is_closed());
}

// One that sends without a pause shares the thread with the others.
TEST_F(ConnectionTest, AFullReceiveBufferYieldsToOthers) {
    connect();
    handler_.answer_bytes = 1;
    std::string burst;
    for (int i = 0; i < 30'000; ++i) burst += std::string("\0\0\0\1x", 5);
    ASSERT_EQ(::send(client_, burst.data(), burst.size(), MSG_NOSIGNAL), static_cast<ssize_t>(burst.size()));
    thread_.context().run_one();
    std::size_t at_other = 0;
    asio::post(thread_.context(), [&] { at_other = handler_.frames.size(); });
    run();
    EXPECT_LT(at_other, 30'000U);
    for (std::size_t got = 0; got < 30'000;) got += receive().size();
    EXPECT_EQ(handler_.frames.size(), 30'000U);
}

}  // namespace
}  // namespace mamba::broker::net
