// GET /api/v1/stream: what changes, as server-sent events, a second at a time; PUT /api/v1/stream/{id}
// changes what is listened to.
//
//     hello     {stream_id, interval_ms}
//     snapshot  {ch, t, data}   all of a channel
//     delta     {ch, t, data}   the fields, or rows, that have changed; rows are in columns (live_rows.h)
//     finding   a finding that began            event   something that happened
//     gap       {ch, from, to}  what was missed: the page fetches what it shows again
//     : hb      every 15 s
//
// Pulled: who reads slowly is asked for less often and gets the newest. The id of an event is its time
// in ms; with it, as `last_id` or Last-Event-ID, a page that comes back gets the seconds that it missed.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

#include "admin-ui/api/live.h"
#include "admin-ui/api/paging.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/console.h"
#include "admin-ui/live_frames.h"
#include "admin-ui/live_rows.h"
#include "admin-ui/streams.h"

namespace mamba::admin {
namespace {

constexpr std::int64_t interval_ms = 1000;
constexpr std::int64_t all_rows_interval_ms = 5000;
constexpr std::int64_t heart_beat_ms = 15'000;
constexpr std::int64_t gap_ms = 5000;         // so late, and the page is told
constexpr std::int64_t back_fill_ms = 600'000;  // as far back as there are seconds
constexpr std::size_t channels_max = 32;
constexpr std::size_t rows_max_wished = 500;
constexpr std::size_t partitions_each_second_max = 100;  // of a topic; with more it is told of as all rows are

std::string random_id() {
    std::random_device source;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", source(), source(), source(), source());
}

void append_event(std::string& to, std::string_view event, Timestamp at, const json::value& data) {
    to += fmt::format("id: {}\nevent: {}\ndata: {}\n\n", at.value, event, json::serialize(data));
}

class LiveStream final : public BodyStream {
public:
    LiveStream(Console& console, std::shared_ptr<Streams::Subscription> subscription, std::optional<Timestamp> last)
        : console_(console),
          subscription_(std::move(subscription)),
          last_(last),
          events_next_(console.broker().observations->events.next_number()) {}

    Part next() override {
        const std::shared_ptr<const Sample> sample = console_.sampler().latest();
        const Timestamp now = wall_clock();
        std::string bytes;
        if (!greeted_) greet(bytes, *sample);
        if (const std::uint64_t version = subscription_->version(); !greeted_ || version != wish_version_) {
            follow(subscription_->wish());
            wish_version_ = version;
            seen_ = 0;
        }
        greeted_ = true;
        if (sample->number != seen_) {
            tell_of_gap(bytes, *sample);
            for (Channel& channel : channels_) tell(bytes, *sample, channel);
            tell_of_findings(bytes, *sample);
            tell_of_events(bytes);
            seen_ = sample->number;
            seen_at_ = sample->at;
        }
        if (bytes.empty() && now - sent_at_ >= heart_beat_ms) bytes = ": hb\n\n";
        if (!bytes.empty()) sent_at_ = now;
        // The next sample is due a second after this one, and takes a moment.
        const std::int64_t due = sample->at.value + interval_ms + 20 - now.value;
        return {.bytes = std::move(bytes),
                .rest = std::chrono::milliseconds(std::clamp<std::int64_t>(due, 50, interval_ms))};
    }

private:
    struct Channel {
        std::string name;
        LiveFrames::Frame sent;  // null: nothing yet
        Timestamp at;
        LiveRows rows;
    };

    void greet(std::string& bytes, const Sample& sample) {
        bytes += "retry: 2000\n\n";
        append_event(bytes, "hello", sample.at, {{"stream_id", subscription_->id()}, {"interval_ms", interval_ms}});
        for (const Finding& finding : sample.findings) known_findings_.insert(finding.id);
        if (!last_) return;
        const auto& channels = subscription_->wish().channels;
        const bool has_cluster = std::ranges::find(channels, "cluster") != channels.end();
        if (!has_cluster || *last_ >= sample.at) return;
        const Timestamp first = std::max(*last_ + interval_ms, sample.at - back_fill_ms);
        if (first > *last_ + interval_ms) {
            append_event(bytes, "gap", *last_, {{"ch", "cluster"}, {"from", last_->value}, {"to", first.value}});
        }
        back_fill(bytes, first, sample);
    }

    // The seconds that a page has missed, as its tiles would have shown them.
    void back_fill(std::string& bytes, Timestamp first, const Sample& sample) {
        const History& history = console_.sampler().history();
        const auto read = [&](std::string_view series) {
            const auto metric = History::find_metric(series);
            return history.read(metric->first, "", metric->second, first, sample.at - interval_ms, interval_ms);
        };
        const auto tiles = tile_values(console_, sample);
        std::array<History::Points, 8> past;
        std::ranges::transform(tiles, past.begin(), [&](const TileValue& tile) { return read(tile.series); });
        constexpr std::array<std::pair<std::string_view, std::string_view>, 3> latencies{
            {{"produce_p50_us", "broker.produce_p50_us"},
             {"produce_p99_us", "broker.produce_p99_us"},
             {"produce_p999_us", "broker.produce_p999_us"}}};
        std::array<History::Points, 3> past_latencies;
        std::ranges::transform(latencies, past_latencies.begin(), [&](const auto& one) { return read(one.second); });
        for (std::size_t i = 0; i < past.front().values.size(); ++i) {
            const Timestamp at = past.front().from + static_cast<std::int64_t>(i) * interval_ms;
            json::object values;
            bool any = false;
            for (std::size_t tile = 0; tile < tiles.size(); ++tile) {
                values[tiles[tile].id] = number_or_null_if_nan(past[tile].values[i]);
                any = any || !values[tiles[tile].id].is_null();
            }
            if (!any) continue;
            json::object latency;
            for (std::size_t one = 0; one < latencies.size(); ++one) {
                latency[latencies[one].first] = number_or_null_if_nan(past_latencies[one].values[i]);
            }
            append_event(bytes, "delta", at,
                         {{"ch", "cluster"},
                          {"t", at.value},
                          {"data", {{"tiles", std::move(values)}, {"latency", std::move(latency)}}}});
        }
    }

    void follow(StreamWish wish) {
        std::vector<Channel> channels;
        for (const std::string& name : wish.channels) {
            const auto known = std::ranges::find(channels_, name, &Channel::name);
            const bool same_rows =
                (name != "topics" || wish.topics == wish_.topics) && (name != "groups" || wish.groups == wish_.groups);
            if (known != channels_.end() && same_rows) {
                channels.push_back(std::move(*known));
            } else {
                channels.push_back({.name = name, .sent = nullptr, .at = Timestamp(0), .rows = {}});
            }
        }
        channels_ = std::move(channels);
        wish_ = std::move(wish);
    }

    void tell_of_gap(std::string& bytes, const Sample& sample) {
        if (seen_at_ == Timestamp(0) || sample.at - seen_at_ < gap_ms) return;
        for (Channel& channel : channels_) {
            if (!channel.sent) continue;
            append_event(bytes, "gap", sample.at,
                         {{"ch", channel.name}, {"from", seen_at_.value}, {"to", sample.at.value}});
            channel.sent = nullptr;
        }
    }

    const std::set<std::string, std::less<>>* rows_of(const Channel& channel) const {
        const auto* rows = channel.name == "topics"   ? &wish_.topics
                           : channel.name == "groups" ? &wish_.groups
                                                      : nullptr;
        return rows == nullptr || rows->empty() ? nullptr : rows;
    }

    void tell(std::string& bytes, const Sample& sample, Channel& channel) {
        const auto* rows = rows_of(channel);
        const bool shows_all = rows == nullptr && (channel.name == "topics" || channel.name == "groups");
        const bool is_long = shows_all || (channel.sent && partitions_in(*channel.sent) > partitions_each_second_max);
        if (is_long && channel.sent && sample.at - channel.at < all_rows_interval_ms) return;
        LiveFrames::Frame frame = rows != nullptr ? with_rows(sample, channel.name, *rows)
                                                  : console_.live_frames().at(console_, sample, channel.name);
        if (!frame) return;  // gone, or not there yet
        const json::value* listed = frame->if_contains("rows");
        if (listed != nullptr && channel.rows.is_worn(listed->as_object())) channel.sent = nullptr;
        json::object data;
        if (listed == nullptr) {
            data = channel.sent ? changes_between(*channel.sent, *frame) : *frame;
        } else if (channel.sent) {
            data = channel.rows.changes(channel.sent->at("rows").as_object(), listed->as_object());
        } else {
            data = channel.rows.all(listed->as_object());
        }
        if (!channel.sent || !data.empty()) {
            append_event(bytes, channel.sent ? "delta" : "snapshot", sample.at,
                         {{"ch", channel.name}, {"t", sample.at.value}, {"data", std::move(data)}});
        }
        channel.sent = std::move(frame);
        channel.at = sample.at;
    }

    static std::size_t partitions_in(const json::object& frame) {
        const json::value* partitions = frame.if_contains("partitions");
        return partitions == nullptr || !partitions->is_object() ? 0 : partitions->get_object().size();
    }

    // A screenful: cheaper made for each than taken out of all.
    static LiveFrames::Frame with_rows(const Sample& sample, std::string_view channel,
                                       const std::set<std::string, std::less<>>& names) {
        json::object rows;
        for (const std::string& name : names) {
            if (channel == "topics") {
                if (const TopicSample* topic = sample.find(name)) rows[name] = topic_live(*topic);
            } else if (const GroupSample* group = sample.find_group(name)) {
                rows[name] = group_live(*group);
            }
        }
        return std::make_shared<const json::object>(json::object{{"rows", std::move(rows)}});
    }

    void tell_of_findings(std::string& bytes, const Sample& sample) {
        std::set<std::string, std::less<>> now;
        for (const Finding& finding : sample.findings) {
            now.insert(finding.id);
            if (!known_findings_.contains(finding.id))
                append_event(bytes, "finding", sample.at, finding_object(finding));
        }
        known_findings_ = std::move(now);
    }

    void tell_of_events(std::string& bytes) {
        const auto& ring = console_.broker().observations->events;
        if (ring.next_number() == events_next_) return;
        const auto page = ring.since(events_next_, 100);
        for (const broker::ClusterEvent& event : page.events)
            append_event(bytes, "event", event.at, event_object(event));
        events_next_ = page.first + page.events.size();
    }

    Console& console_;
    const std::shared_ptr<Streams::Subscription> subscription_;
    const std::optional<Timestamp> last_;  // when the page last heard of us
    bool greeted_ = false;
    std::uint64_t wish_version_ = 0;
    StreamWish wish_;
    std::vector<Channel> channels_;
    std::uint64_t seen_ = 0;   // number of the newest sample told of
    Timestamp seen_at_{0};
    Timestamp sent_at_{0};
    std::set<std::string, std::less<>> known_findings_;
    std::uint64_t events_next_;
};

// Names within are percent-encoded, since they may hold commas.
std::optional<std::string> decode_channel(std::string_view text) {
    Request decoded;
    if (!parse_target("/" + std::string(text), decoded) || decoded.segments.size() != 1) return std::nullopt;
    return decoded.segments.front();
}

std::optional<ApiError> check(const std::vector<std::string>& channels) {
    if (channels.size() > channels_max) {
        return ApiError{.message = fmt::format("a stream has at most {} channels", channels_max)};
    }
    for (const std::string& channel : channels) {
        if (LiveFrames::is_channel(channel)) continue;
        return ApiError{.message = "there is no channel '" + channel +
                                   "'; there are cluster, topics, groups, clients, waiting, topic:, group:, broker:"};
    }
    return std::nullopt;
}

Response open(Console& console, const Request& request, Captures) {
    StreamWish wish;
    const std::string given = request.parameter("channels").value_or("");
    for (std::string_view rest = given; !rest.empty();) {
        const std::string_view part = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), part.size() + 1));
        const auto channel = decode_channel(part);
        if (!channel) return refuse(request, {.message = "a channel's name is malformed"});
        wish.channels.push_back(*channel);
    }
    if (const auto error = check(wish.channels)) return refuse(request, *error);
    const std::string header(request.header("last-event-id"));
    const auto last_id = request.parameter("last_id");
    const auto last = read_number(last_id ? *last_id : header);
    Response response;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.stream = std::make_unique<LiveStream>(console, console.streams().open(random_id(), std::move(wish)),
                                                   last ? std::optional(Timestamp(*last)) : std::nullopt);
    return response;
}

Response change(Console& console, const Request& request, Captures captures) {
    Fields fields(request);
    StreamWish wish;
    wish.channels = fields.texts("channels");
    if (const json::object* rows = fields.object("rows")) {
        Fields named(*rows, "rows");
        for (std::string& topic : named.texts("topics")) wish.topics.insert(std::move(topic));
        for (std::string& group : named.texts("groups")) wish.groups.insert(std::move(group));
        if (const auto error = named.error()) return refuse(request, *error);
    }
    if (wish.topics.size() + wish.groups.size() > rows_max_wished) fields.wrong("rows", "are too many");
    if (const auto error = fields.error()) return refuse(request, *error);
    if (const auto error = check(wish.channels)) return refuse(request, *error);
    if (!console.streams().change(captures[0], std::move(wish))) {
        return refuse(request, {.status = 404, .message = "this stream has ended; open another one"});
    }
    return no_content();
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/stream", open, false, "DESCRIBE cluster"},
    {Method::put, "/api/v1/stream/{id}", change, false, "DESCRIBE cluster"},
};

}  // namespace

std::span<const Route> stream_routes() { return routes; }

}  // namespace mamba::admin
