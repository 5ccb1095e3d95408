// Puts an answer's frame together: size, header, body.
#pragma once

#include <utility>
#include <vector>

#include "broker/answer.h"
#include "protocol/api.h"
#include "protocol/wire.h"

namespace mamba::broker {

// `slices` are what the response's spliced records name.
template <class Response>
Answer encode_answer(const Response& response, protocol::MessageVersion version, std::int32_t correlation_id,
                     std::vector<log::FileSlice> slices = {}, std::size_t size_hint = 128) {
    const protocol::ApiInfo* api = protocol::find_api(Response::api_key);
    protocol::Writer out(size_hint);
    out.int32(0);  // the frame's size, known at the end
    out.int32(correlation_id);
    if (protocol::response_header_version(*api, version) >= 1) out.unsigned_varint(0);  // no tags
    response.encode(out, version);
    out.put_int32_at(0, static_cast<std::int32_t>(out.size_on_wire() - 4));
    std::vector<protocol::Splice> splices = out.take_splices();
    Answer answer{.bytes = out.take(), .splices = std::move(splices), .slices = std::move(slices),
                  .api_key = Response::api_key, .version = version};
    if constexpr (requires { response.error_code; }) answer.error = ErrorCode{response.error_code};
    return answer;
}

}  // namespace mamba::broker
