// ListGroups, DescribeGroups, DeleteGroups.
#include <algorithm>
#include <memory>
#include <mutex>

#include "broker/group/group_service.h"
#include "broker/handlers/group_handlers.h"

namespace mamba::broker {

namespace {

// Bits of Kafka's AclOperation codes that apply to a group: read 3, delete 6, describe 8, describe
// configs 10, alter configs 11. Without an authorizer everybody may do all of them.
constexpr std::int32_t all_group_operations = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;

// Collects one part per group, in the order of the request, and answers when all are there.
template <class Response, class Part>
class Gathering {
public:
    Gathering(std::vector<Part> Response::* parts, std::size_t count, Reply<Response> reply)
        : parts_(parts), missing_(count), reply_(std::move(reply)) {
        (response_.*parts_).resize(count);
    }

    void put(std::size_t at, Part&& part) {
        std::unique_lock lock(mutex_);
        (response_.*parts_)[at] = std::move(part);
        if (--missing_ > 0) return;
        lock.unlock();
        reply_(std::move(response_));
    }

private:
    std::mutex mutex_;
    std::vector<Part> Response::* parts_;
    Response response_;
    std::size_t missing_;
    Reply<Response> reply_;
};

}  // namespace

void on_list_groups(GroupService& groups, const protocol::ListGroupsRequest& request,
                    const RequestContext& context, Reply<protocol::ListGroupsResponse> reply) {
    groups.list_groups(request, context, std::move(reply));
}

void on_describe_groups(GroupService& groups, const protocol::DescribeGroupsRequest& request,
                        const RequestContext& context,
                        Reply<protocol::DescribeGroupsResponse> reply) {
    if (request.groups.empty()) {
        reply({});
        return;
    }
    using Described = GroupService::DescribedGroup;
    const auto gathering = std::make_shared<Gathering<protocol::DescribeGroupsResponse, Described>>(
        &protocol::DescribeGroupsResponse::groups, request.groups.size(), std::move(reply));
    for (std::size_t at = 0; at < request.groups.size(); ++at) {
        groups.describe_group(
            request.groups[at], context,
            Reply<Described>(
                [gathering, at,
                 with_operations = request.include_authorized_operations](Described&& described) {
                    if (with_operations && described.error_code == 0) {
                        described.authorized_operations = all_group_operations;
                    }
                    gathering->put(at, std::move(described));
                }));
    }
}

void on_delete_groups(GroupService& groups, const protocol::DeleteGroupsRequest& request,
                      const RequestContext& context, Reply<protocol::DeleteGroupsResponse> reply) {
    // Each group is deleted, and told of, once.
    std::vector<std::string_view> names;
    for (const std::string_view name : request.groups_names) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    if (names.empty()) {
        reply({});
        return;
    }
    using Deleted = GroupService::DeletedGroup;
    const auto gathering = std::make_shared<Gathering<protocol::DeleteGroupsResponse, Deleted>>(
        &protocol::DeleteGroupsResponse::results, names.size(), std::move(reply));
    for (std::size_t at = 0; at < names.size(); ++at) {
        groups.delete_group(names[at], context,
                            Reply<Deleted>([gathering, at](Deleted&& result) {
                                gathering->put(at, std::move(result));
                            }));
    }
}

}  // namespace mamba::broker
