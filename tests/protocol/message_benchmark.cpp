// What decoding and encoding the messages of the data path costs. Not run by ctest:
//
//     cmake --build build/release --target message_benchmark && build/release/bin/message_benchmark
#include <benchmark/benchmark.h>

#include "protocol/messages/fetch.h"
#include "protocol/messages/produce.h"

namespace mamba::protocol {
namespace {

template <class Message>
Bytes encoded(const Message& message) {
    Writer out;
    message.encode(out, Message::version_max);
    return out.take();
}

const Uuid topic_id = Uuid::from_random({});

ProduceRequest produce_request(BytesView records) {
    ProduceRequest request;
    request.acks = -1;
    request.timeout_ms = 30'000;
    request.topic_data.resize(1);
    request.topic_data[0].topic_id = topic_id;
    request.topic_data[0].partition_data.resize(1);
    request.topic_data[0].partition_data[0].records = BytesInFrame(records);
    return request;
}

ProduceResponse produce_response() {
    ProduceResponse response;
    response.responses.resize(1);
    response.responses[0].topic_id = topic_id;
    response.responses[0].partition_responses.resize(1);
    response.responses[0].partition_responses[0].base_offset = 1'000'000;
    return response;
}

FetchRequest fetch_request() {
    FetchRequest request;
    request.max_wait_ms = 500;
    request.min_bytes = 1;
    request.session_id = 77;
    request.session_epoch = 5;
    request.topics.resize(1);
    request.topics[0].topic_id = topic_id;
    request.topics[0].partitions.resize(1);
    request.topics[0].partitions[0].fetch_offset = 1'000'000;
    return request;
}

FetchResponse fetch_response() {
    FetchResponse response;
    response.responses.resize(1);
    response.responses[0].topic_id = topic_id;
    response.responses[0].partitions.resize(1);
    auto& partition = response.responses[0].partitions[0];
    partition.high_watermark = 1'000'000;
    partition.aborted_transactions.reset();
    partition.records.spliced = 4096;
    return response;
}

// The broker's half of an exchange: decode the request, build and encode the answer.
void produce_exchange(benchmark::State& state) {
    const Bytes records(168);  // a batch of one record of 100 bytes
    const Bytes frame = encoded(produce_request(records));
    Bytes memory;
    for (auto _ : state) {
        Reader in(frame);
        ProduceRequest request;
        request.decode(in, ProduceRequest::version_max);
        benchmark::DoNotOptimize(request);
        Writer out(std::move(memory));
        produce_response().encode(out, ProduceResponse::version_max);
        benchmark::DoNotOptimize(out.view().data());
        memory = out.take();
    }
}
BENCHMARK(produce_exchange);

void fetch_exchange(benchmark::State& state) {
    const Bytes frame = encoded(fetch_request());
    Bytes memory;
    for (auto _ : state) {
        Reader in(frame);
        FetchRequest request;
        request.decode(in, FetchRequest::version_max);
        benchmark::DoNotOptimize(request);
        Writer out(std::move(memory));
        fetch_response().encode(out, FetchResponse::version_max);
        benchmark::DoNotOptimize(out.view().data());
        memory = out.take();
    }
}
BENCHMARK(fetch_exchange);

template <class Message>
void encode_only(benchmark::State& state, const Message& message) {
    for (auto _ : state) {
        Writer out;
        message.encode(out, Message::version_max);
        benchmark::DoNotOptimize(out.view().data());
    }
}
template <class Message>
void decode_only(benchmark::State& state, const Message& message) {
    const Bytes frame = encoded(message);
    for (auto _ : state) {
        Reader in(frame);
        Message decoded;
        decoded.decode(in, Message::version_max);
        benchmark::DoNotOptimize(decoded);
    }
}
const Bytes one_record(168);
BENCHMARK_CAPTURE(encode_only, produce_request, produce_request(one_record));
BENCHMARK_CAPTURE(decode_only, produce_request, produce_request(one_record));
BENCHMARK_CAPTURE(encode_only, produce_response, produce_response());
BENCHMARK_CAPTURE(decode_only, produce_response, produce_response());
BENCHMARK_CAPTURE(encode_only, fetch_request, fetch_request());
BENCHMARK_CAPTURE(decode_only, fetch_request, fetch_request());
BENCHMARK_CAPTURE(encode_only, fetch_response, fetch_response());

}  // namespace
}  // namespace mamba::protocol
