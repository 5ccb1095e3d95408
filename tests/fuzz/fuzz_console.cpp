// Any request to a console that is read-only, over a broker with one topic: "METHOD target" in the first
// line, then the body. Whatever it is, the answer is one, and a refusal says why.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "broker/start.h"
#include "tests/admin-ui/fake_activity.h"
#include "tests/broker/metadata/temporary_folder.h"

namespace {

using namespace mamba;

constexpr int parts_read_max = 3;  // of an answer that may never end

class Fixture {
public:
    Fixture() {
        start({});
        ask("POST", "/api/v1/topics", R"({"name": "t", "partitions": 2})");
        ask("POST", "/api/v1/topics/t/records",
            R"({"records": [{"key": {"s": "k"}, "value": {"s": "{\"a\": 1}"}, "headers": [["h", {"s": "v"}]]}]})");
        stop();
        start({{"console.read.only", "true"}});
    }
    ~Fixture() { stop(); }

    admin::Response ask(std::string_view method, std::string_view target, std::string_view body);

private:
    void start(std::map<std::string, std::string, std::less<>> settings) {
        settings.emplace("log.dirs", folder_.path().string());
        settings.emplace("offsets.topic.num.partitions", "1");
        auto started = broker::start_broker({.settings = std::move(settings), .machine = {.cores = 1}});
        if (!started) std::abort();
        broker_ = std::move(*started);
        if (!broker::register_broker(*broker_, {{"PLAINTEXT", "127.0.0.1", 9092}})) std::abort();
        broker::start_background(*broker_);
        console_ = std::make_unique<admin::Console>(*broker_, nobody_, admin::Console::Identity{.version = "fuzz"});
    }
    void stop() {
        console_.reset();
        broker::stop_broker(*broker_);
        broker_.reset();  // and lets go of its folder
    }

    broker::TemporaryFolder folder_;
    std::unique_ptr<broker::Broker> broker_;
    admin::FakeActivity nobody_;
    std::unique_ptr<admin::Console> console_;
};

admin::Method method_of(std::string_view name) {
    using admin::Method;
    for (const Method method : {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::del}) {
        if (admin::name_of(method) == name) return method;
    }
    return Method::other;
}

admin::Response Fixture::ask(std::string_view method, std::string_view target, std::string_view body) {
    admin::Request request;
    request.method = method_of(method);
    request.remote = "127.0.0.1";
    request.headers = {{"host", "localhost"}, {"content-type", "application/json"}};
    request.body = body;
    if (!admin::parse_target(target, request)) return admin::refuse(request, {.message = "the address is malformed"});
    return console_->handle(request);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Fixture fixture;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::string_view line = input.substr(0, input.find('\n'));
    const std::string_view body = input.substr(std::min(line.size() + 1, input.size()));
    const std::string_view method = line.substr(0, line.find(' '));
    admin::Response response = fixture.ask(method, line.substr(std::min(method.size() + 1, line.size())), body);
    if (response.status < 200 || response.status > 599) std::abort();
    if (response.status >= 500 && response.status != 503) std::abort();
    const bool says_why = response.body.find("message") != std::string::npos;
    if (response.status >= 400 && response.content_type == "application/json" && !says_why) std::abort();
    for (const auto& [name, value] : response.headers) {
        if (value.find_first_of("\r\n") != std::string::npos) std::abort();
    }
    for (int i = 0; response.stream && i < parts_read_max; ++i) {
        if (response.stream->next().is_last) break;
    }
    return 0;
}
