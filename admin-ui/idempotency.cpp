#include "admin-ui/idempotency.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "admin-ui/json.h"

namespace mamba::admin {
namespace {

constexpr std::string_view header = "idempotency-key";

std::string name_of_key(const Request& request) {
    return request.principal + '\n' + std::string(request.header(header));
}

std::string digest_of(const Request& request) {
    std::string asked(name_of(request.method));
    asked += ' ';
    asked += request.path;
    for (const auto& [name, value] : request.query) asked += '\n' + name + '=' + value;
    asked += '\n' + request.body;
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    ::SHA256(reinterpret_cast<const unsigned char*>(asked.data()), asked.size(), digest.data());
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

bool is_final(const Response& response) {
    const bool may_be_tried_again = response.status == 408 || response.status == 429 || response.status >= 500;
    return !may_be_tried_again && !response.stream;
}

}  // namespace

void Idempotency::forget_oldest() {
    const auto found = answers_.find(order_.front());
    bytes_ -= found->second.body.size();
    answers_.erase(found);
    order_.pop_front();
}

std::optional<Response> Idempotency::begin(const Request& request, Timestamp now) {
    const std::string_view key = request.header(header);
    if (key.empty()) return std::nullopt;
    if (key.size() > key_bytes_max) return refuse(request, {.message = "the Idempotency-Key is too long"});
    const std::string name = name_of_key(request);
    const std::lock_guard lock(mutex_);
    while (!order_.empty() && now - answers_.at(order_.front()).began >= kept_ms) forget_oldest();
    const auto found = answers_.find(name);
    if (found == answers_.end()) {
        if (answers_.size() >= answers_max) forget_oldest();
        answers_.emplace(name, Answer{.digest = digest_of(request), .began = now, .content_type = {}, .body = {}});
        order_.push_back(name);
        return std::nullopt;
    }
    const Answer& answer = found->second;
    if (answer.digest != digest_of(request)) {
        return refuse(request, {.status = 422, .message = "this Idempotency-Key belongs to another request"});
    }
    if (!answer.is_finished) {
        return refuse(request,
                      {.status = 409, .message = "the request of this Idempotency-Key is under way, or broke off"});
    }
    Response again;
    again.status = answer.status;
    again.content_type = answer.content_type;
    again.body = answer.body;
    again.headers.emplace_back("Idempotent-Replayed", "true");
    return again;
}

void Idempotency::finish(const Request& request, const Response& response) {
    if (request.header(header).empty()) return;
    const std::string name = name_of_key(request);
    const std::lock_guard lock(mutex_);
    const auto found = answers_.find(name);
    if (found == answers_.end()) return;  // it made room for others
    if (!is_final(response) || response.body.size() > bytes_max) {
        answers_.erase(found);
        std::erase(order_, name);
        return;
    }
    Answer& answer = found->second;
    answer.is_finished = true;
    answer.status = response.status;
    answer.content_type = response.content_type;
    answer.body = response.body;
    bytes_ += answer.body.size();
    while (bytes_ > bytes_max) forget_oldest();
}

}  // namespace mamba::admin
