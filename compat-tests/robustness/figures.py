"""The figures of both brokers beside each other; `run` prints them, ../compatibility/page takes them over."""


def side_by_side(results):
    """Rows (scenario, figure, ours, Kafka's); None for what was not measured."""
    figures = {}
    for row in results:
        figures.setdefault((row["scenario"], row["figure"]), {})[row["broker"]] = row["value"]
    return [(*key, values.get("mambamq"), values.get("kafka")) for key, values in figures.items()]
