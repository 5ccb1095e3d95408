#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "admin-ui/exposition.h"
#include "tests/admin-ui/console_fixture.h"

namespace mamba::admin {
namespace {

using testing::HasSubstr;

// What a scrape says, taken apart as strictly as Prometheus does it. Each thing wrong is a sentence.
struct Scrape {
    std::map<std::string, std::string> types;             // by family
    std::map<std::string, std::string> values;            // by name and labels
    std::set<std::string> names;                          // of samples
    std::vector<std::string> wrong;

    explicit Scrape(const std::string& text) {
        if (text.empty() || text.back() != '\n') wrong.push_back("the text does not end with a line feed");
        if (std::string_view(text_of(text)) != text) wrong.push_back("the text is not UTF-8");
        std::istringstream lines(text);
        std::string family;
        static const std::regex help(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) .+)");
        static const std::regex type(R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))");
        static const std::regex sample(
            R"(([a-zA-Z_:][a-zA-Z0-9_:]*))"
            R"((\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*")*)?\})?)"
            R"( (-?[0-9.e+-]+|NaN|[+-]Inf))");
        for (std::string line; std::getline(lines, line);) {
            std::smatch parts;
            if (std::regex_match(line, parts, help)) {
                if (types.contains(parts[1])) wrong.push_back("twice the family " + parts[1].str());
                family = parts[1];
            } else if (std::regex_match(line, parts, type)) {
                if (parts[1] != family) wrong.push_back("a type without its help: " + line);
                types[family] = parts[2];
            } else if (std::regex_match(line, parts, sample)) {
                const std::string name = parts[1];
                const bool is_histogram = types[family] == "histogram";
                const bool belongs =
                    is_histogram ? name == family + "_bucket" || name == family + "_sum" || name == family + "_count"
                                 : name == family;
                if (!belongs) wrong.push_back("outside its family: " + line);
                names.insert(name);
                const std::string series = name + parts[2].str();
                if (!values.emplace(series, parts[7]).second) wrong.push_back("twice the series " + series);
            } else {
                wrong.push_back("not of the format: " + line);
            }
        }
    }
};

class Metrics : public ConsoleFixture {
protected:
    // A topic, and committed offsets of its partition 0.
    void start_with_groups(const std::vector<std::string>& groups) {
        start();
        post("/api/v1/topics", {{"name", "__consumer_offsets"}, {"partitions", 4}});
        post("/api/v1/topics", {{"name", "orders"}, {"partitions", 1}});
        for (const std::string& group : groups) commit(group, 0, 0);
    }
    Scrape scrape() { return Scrape(get("/metrics").text); }
};

TEST_F(Metrics, AreWellFormedAndEachSeriesIsThereOnce) {
    start();
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 3}});
    serve(0, std::chrono::microseconds(800), std::chrono::microseconds(400));
    console_->sampler().sample(wall_clock());
    const Scrape scraped = scrape();
    EXPECT_THAT(scraped.wrong, testing::IsEmpty());
    EXPECT_EQ(scraped.values.at("kafka_topic_partitions{topic=\"orders\"}"), "3");
    EXPECT_EQ(scraped.values.at("kafka_network_requestmetrics_requests_total{request=\"Produce\"}"), "1");
    EXPECT_EQ(scraped.values.at("mambamq_build_info{version=\"test\"}"), "1");
}

// The scraper has to notice.
TEST_F(Metrics, ScraperOfThisTestFindsWhatIsWrong) {
    EXPECT_EQ(Scrape("# HELP a b\n# TYPE a gauge\na 1\na 2\n").wrong, std::vector<std::string>{"twice the series a"});
    EXPECT_EQ(Scrape("a{b=c} 1\n").wrong.size(), 1U);
    EXPECT_EQ(Scrape("# HELP a b\n# TYPE a gauge\nb 1\n").wrong.size(), 1U);
    EXPECT_EQ(Scrape("# HELP a b\n# TYPE a gauge\na{l=\"\xff\"} 1\n").wrong,
              std::vector<std::string>{"the text is not UTF-8"});
}

TEST_F(Metrics, HistogramCountsUpToItsBounds) {
    start();
    for (const int us : {20, 100, 100, 3000})
        serve(0, std::chrono::microseconds(us), std::chrono::microseconds(us / 2));
    console_->sampler().sample(wall_clock());
    const Scrape scraped = scrape();
    const auto bucket = [&](const std::string& le) {
        return scraped.values.at("kafka_network_requestmetrics_totaltime_seconds_bucket{request=\"Produce\",le=\"" +
                                 le + "\"}");
    };
    EXPECT_EQ(bucket("3.2768e-05"), "1");
    EXPECT_EQ(bucket("0.000131072"), "3");
    EXPECT_EQ(bucket("0.002097152"), "3");
    EXPECT_EQ(bucket("0.004194304"), "4");
    EXPECT_EQ(bucket("+Inf"), "4");
    EXPECT_EQ(scraped.values.at("kafka_network_requestmetrics_totaltime_seconds_count{request=\"Produce\"}"), "4");
    EXPECT_EQ(scraped.values.at("kafka_network_requestmetrics_totaltime_seconds_sum{request=\"Produce\"}"), "0.00322");
}

// Clients name groups as they like; that must not make the text unreadable.
TEST_F(Metrics, GroupsWithAnyNameAreWellFormed) {
    start_with_groups(
        {"plain", "with \"quotes\"", "back\\slash", "line\nfeed", "Gr\xc3\xbc\xc3\x9f" "e", "\xff", "\xfe"});
    console_->sampler().sample(wall_clock() + 60'000);
    const Scrape scraped = scrape();
    EXPECT_THAT(scraped.wrong, testing::IsEmpty());
    EXPECT_EQ(scraped.values.at("kafka_consumergroup_lag{consumergroup=\"plain\"}"), "0");
    EXPECT_EQ(scraped.values.at("kafka_consumergroup_lag{consumergroup=\"with \\\"quotes\\\"\"}"), "0");
    EXPECT_TRUE(scraped.values.contains("kafka_consumergroup_lag{consumergroup=\"Gr\xc3\xbc\xc3\x9f" "e\"}"));
}

TEST_F(Metrics, EveryMetricOfTheDashboardExists) {
    start_with_groups({"billing"});
    serve(0, std::chrono::microseconds(500), std::chrono::microseconds(250));
    serve(1, std::chrono::microseconds(500), std::chrono::microseconds(250));
    console_->sampler().sample(wall_clock() + 60'000);
    const Scrape scraped = scrape();
    std::ifstream file(MAMBA_DASHBOARD);
    ASSERT_TRUE(file) << MAMBA_DASHBOARD;
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const json::value dashboard = json::parse(text);
    static const std::regex metric(R"((?:kafka|mambamq|process)_[a-z0-9_]+)");
    std::set<std::string> missing;
    std::size_t expressions = 0;
    for (const json::value& panel : dashboard.at("panels").as_array()) {
        if (panel.as_object().if_contains("targets") == nullptr) continue;
        for (const json::value& target : panel.at("targets").as_array()) {
            const std::string expression(target.at("expr").get_string());
            ++expressions;
            for (std::sregex_iterator name(expression.begin(), expression.end(), metric), end; name != end; ++name) {
                if (!scraped.names.contains(name->str())) missing.insert(name->str());
            }
        }
    }
    EXPECT_GT(expressions, 30U);
    // Older systems do not say how many files are open.
    if (!console_->sampler().latest()->process.open_files) missing.erase("process_open_fds");
    EXPECT_THAT(missing, testing::IsEmpty());
}

TEST(Exposition, EscapesLabels) {
    Exposition out;
    out.family("a", "gauge", "b");
    out.sample({{"l", "x\"y\\z\n"}}, std::int64_t{-1});
    EXPECT_EQ(out.take(), "# HELP a b\n# TYPE a gauge\na{l=\"x\\\"y\\\\z\\n\"} -1\n");
}

}  // namespace
}  // namespace mamba::admin
