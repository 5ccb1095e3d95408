// One topic: a head, tabs, and what the tab shows. Its messages are a page of their own.
import "../shell/shared";
import "./parts";
import type { JSX } from "preact";
import { links, type Params, path } from "../core/router";
import { topic as words } from "../en/topic";
import { topics } from "../en/topics";
import { Shown } from "../ui/states";
import { DeleteTopics, EmptyTopics } from "./delete_topics";
import { SegmentsTab } from "./segments";
import { exportTopics, SetConfig } from "./set_config";
import { TopicConfig } from "./topic_config";
import { TopicGroups } from "./topic_groups";
import { TopicOverview } from "./topic_overview";
import { TopicHead, useTopic } from "./topic_page_head";
import { TopicPartitions } from "./topic_partitions";
import { TopicProducers } from "./topic_producers";

export { CreateTopicPage } from "./create_topic";
export { BatchPage, SegmentPage, SegmentsPage } from "./segments";

/** For the list of topics, which loads them when they are needed. */
export const dialogs = { DeleteTopics, EmptyTopics, SetConfig, exportTopics };
export type TopicDialogs = typeof dialogs;

function Content({ name, tab, reload }: { name: string; tab: string; reload: () => void }): JSX.Element | null {
  switch (tab) {
    case "/partitions": return <TopicPartitions topic={name} onChanged={reload} />;
    case "/config": return <TopicConfig topic={name} />;
    case "/groups": return <TopicGroups topic={name} />;
    case "/producers": return <TopicProducers topic={name} />;
    case "/segments": return <SegmentsTab topic={name} />;
    default: return null;
  }
}

export function TopicPage({ params }: { params: Params }): JSX.Element {
  const name = params.topic ?? "";
  const topic = useTopic(name);
  const tab = path.value.slice(links.topic(name).length);
  return (
    <>
      <TopicHead name={name} topic={topic} />
      <Shown of={topic} what={words.what(name)} back={{ to: "/topics", text: topics.title }}>
        {(data) => Content({ name, tab, reload: topic.reload }) ?? <TopicOverview topic={data} />}
      </Shown>
    </>
  );
}
