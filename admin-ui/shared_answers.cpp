#include "admin-ui/shared_answers.h"

#include <utility>

#include "admin-ui/gzip.h"

namespace mamba::admin {

Response SharedAnswers::get(std::string_view name, std::uint64_t version, const std::function<Response()>& make) {
    Kept* kept = nullptr;
    {
        const std::lock_guard lock(mutex_);
        kept = &kept_.try_emplace(std::string(name)).first->second;
    }
    const std::lock_guard lock(kept->making);
    const std::uint64_t changes = changes_.load();
    if (!kept->is_made || kept->version != version || kept->changes != changes) {
        Response made = make();
        kept->body = gzip(made.body);
        kept->etag = std::move(made.etag);
        kept->version = version;
        kept->changes = changes;
        kept->is_made = true;
    }
    Response response;
    response.body = kept->body;
    response.etag = kept->etag;
    response.is_compressed = true;
    return response;
}

}  // namespace mamba::admin
