"""All scenarios by name, in the order in which they run."""

from scenarios import cluster, configs, consumer_groups, performance, records, topics

SCENARIOS = {scenario.__name__: scenario
             for module in (topics, configs, records, consumer_groups, cluster, performance)
             for scenario in module.SCENARIOS}
