// The producers of a topic.
import type { JSX } from "preact";
import type { List, Producer } from "../api";
import { get, part } from "../core/client";
import { useResource } from "../core/resource";
import { topic as words } from "../en/topic";
import { ProducerTable } from "../ui/producer_table";
import { Shown } from "../ui/states";

export function TopicProducers({ topic }: { topic: string }): JSX.Element {
  const path = `/topics/${part(topic)}/producers`;
  const producers = useResource(path, (signal) => get<List<Producer>>(path, {}, signal), 5000);
  return (
    <Shown of={producers}>
      {({ data }) => <ProducerTable id="topic-producers" rows={data} withTopic={false} empty={words.noTopicProducers} />}
    </Shown>
  );
}
