"""DescribeCluster (KIP-700, KIP-919, KIP-1073)."""

from scenario import every_version


@every_version("DescribeCluster", texts=True)
def brokers(side):
    for operations in (False, True):
        for fenced in (False, True):
            side.request("DescribeCluster", include_cluster_authorized_operations=operations,
                         include_fenced_brokers=fenced)


@every_version("DescribeCluster", since=1, texts=True)
def endpoint_types(side):
    for endpoint_type in (0, 1, 2, 3, 127, -1):
        side.request("DescribeCluster", endpoint_type=endpoint_type)
        side.request("DescribeCluster", endpoint_type=endpoint_type, include_cluster_authorized_operations=True,
                     include_fenced_brokers=True)
