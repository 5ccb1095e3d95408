// The APIs about settings: described from the image at once, changed through the metadata service.
// The levels of this broker's loggers are changed at once, and last as long as the process.
#pragma once

#include "broker/config/config_service.h"
#include "broker/metadata/metadata_service.h"
#include "broker/request.h"
#include "protocol/fwd.h"

namespace mamba::broker {

// What these handlers reach. Everything outlives the replies they keep.
struct ConfigServices {
    MetadataService& metadata;
    const ConfigService& configs;
};

void on_describe_configs(ConfigServices, const protocol::DescribeConfigsRequest&,
                         const RequestContext&, Reply<protocol::DescribeConfigsResponse>);
void on_alter_configs(ConfigServices, const protocol::AlterConfigsRequest&, const RequestContext&,
                      Reply<protocol::AlterConfigsResponse>);
void on_incremental_alter_configs(ConfigServices, const protocol::IncrementalAlterConfigsRequest&,
                                  const RequestContext&,
                                  Reply<protocol::IncrementalAlterConfigsResponse>);
void on_list_config_resources(ConfigServices, const protocol::ListConfigResourcesRequest&,
                              const RequestContext&, Reply<protocol::ListConfigResourcesResponse>);

}  // namespace mamba::broker
