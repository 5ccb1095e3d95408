// Every request at every version, from bytes.
#include "tests/fuzz/fuzz_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mamba::protocol::testing;
    static const std::vector<EveryMessage> messages = messages_ending_in("Request", false);
    fuzz_message(std::as_bytes(std::span(data, size)), messages);
    return 0;
}
