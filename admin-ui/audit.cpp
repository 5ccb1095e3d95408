#include "admin-ui/audit.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>

#include "broker/logging.h"

namespace mamba::admin {
namespace {

const broker::Logger audit_log = broker::logger("mamba.console");

// Read back at start: more than this many bytes from the end never are.
constexpr std::int64_t tail_bytes_max = 1024 * 1024;
constexpr std::size_t body_bytes_max = 8 * 1024;

}  // namespace

bool is_sensitive(std::string_view name) {
    constexpr std::array<std::string_view, 6> signs{"password",   "secret", "token",
                                                    "credential", "jaas",   "keystore.key"};
    std::string lower(name);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return std::ranges::any_of(signs, [&](std::string_view sign) { return lower.find(sign) != std::string::npos; });
}

json::value masked(const json::value& body) {
    if (const json::object* fields = body.if_object()) {
        json::object copy;
        // Settings come as {"name": ..., "value": ...}.
        const json::value* name = fields->if_contains("name");
        const bool hides_value = name != nullptr && name->is_string() && is_sensitive(name->get_string());
        for (const auto& [key, value] : *fields) {
            if (key == "records" && value.is_array()) {  // what people produce is no business of the audit
                copy[key] = std::to_string(value.get_array().size()) + " records";
                continue;
            }
            const bool hidden = is_sensitive(key) || (hides_value && key == "value");
            copy[key] = hidden ? json::value("***") : masked(value);
        }
        return copy;
    }
    if (const json::array* list = body.if_array()) {
        json::array copy;
        for (const json::value& value : *list) copy.push_back(masked(value));
        return copy;
    }
    return body;
}

json::value audited(std::string_view body) {
    if (body.empty()) return nullptr;
    if (body.size() > body_bytes_max) return {{"bytes", body.size()}};
    boost::system::error_code failed;
    const json::value parsed = json::parse(body, failed);
    return failed ? json::value() : masked(parsed);
}

json::object to_json(const AuditEntry& entry) {
    return {{"at_ms", entry.at.value},
            {"principal", text_of(entry.principal)},
            {"remote", entry.remote},
            {"action", entry.action},
            {"target", text_of(entry.target)},
            {"path", text_of(entry.path)},
            {"status", entry.status},
            {"outcome", entry.status < 400 ? "done" : "refused"},
            {"message", entry.message.empty() ? json::value() : json::value(text_of(entry.message))},
            {"request", entry.request},
            {"before", entry.before},
            {"request_id", entry.request_id}};
}

Audit::Audit(std::string path) : path_(std::move(path)) {
    if (path_.empty()) return;
    load(path_ + ".1");
    load(path_);
    open_file();
}

Audit::~Audit() {
    if (file_ != nullptr) std::fclose(file_);
}

void Audit::load(const std::string& path) {
    line_is_open_ = false;
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) return;
    const std::int64_t size = in.tellg();
    std::string text(static_cast<std::size_t>(std::min(size, tail_bytes_max)), '\0');
    in.seekg(size - static_cast<std::int64_t>(text.size()));
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (size > tail_bytes_max) text.erase(0, text.find('\n') + 1);
    line_is_open_ = !text.empty() && text.back() != '\n';
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        boost::system::error_code failed;
        json::value line = json::parse(std::string_view(text).substr(begin, end - begin), failed);
        if (!failed && line.is_object()) recent_.push_back(std::move(line.get_object()));
        if (recent_.size() > entries_max) recent_.pop_front();
        begin = end + 1;
    }
}

void Audit::open_file() {
    file_ = std::fopen(path_.c_str(), "ae");
    if (file_ == nullptr) {
        audit_log.error("{} cannot be written; changes made in the console are kept in memory only", path_);
        return;
    }
    std::setvbuf(file_, nullptr, _IONBF, 0);  // what could not be written is not tried again later
    std::error_code failed;
    const auto size = std::filesystem::file_size(path_, failed);
    file_bytes_ = failed ? 0 : static_cast<std::int64_t>(size);
}

void Audit::add(const AuditEntry& entry) {
    json::object object = to_json(entry);
    const std::string line = json::serialize(object) + '\n';
    const std::lock_guard lock(mutex_);
    if (file_ != nullptr && file_bytes_ >= file_bytes_max) {
        std::fclose(file_);
        std::error_code failed;
        std::filesystem::rename(path_, path_ + ".1", failed);
        line_is_open_ = false;
        open_file();
    }
    if (!write(line_is_open_ ? '\n' + line : line)) audit_log.error("{} cannot be written: {}", path_, line);
    recent_.push_back(std::move(object));
    if (recent_.size() > entries_max) recent_.pop_front();
}

bool Audit::write(const std::string& line) {
    if (file_ == nullptr) return path_.empty();
    const std::size_t written = std::fwrite(line.data(), 1, line.size(), file_);
    file_bytes_ += static_cast<std::int64_t>(written);
    if (written > 0) line_is_open_ = written < line.size();
    std::clearerr(file_);
    return written == line.size();
}

std::vector<json::object> Audit::newest(std::size_t entries) const {
    const std::lock_guard lock(mutex_);
    const std::size_t count = std::min(entries, recent_.size());
    return {recent_.rbegin(), recent_.rbegin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace mamba::admin
