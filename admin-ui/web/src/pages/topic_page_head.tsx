// The head and the tabs of all of a topic's pages.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Topic } from "../api";
import { get, part, session } from "../core/client";
import { type Resource, useResource } from "../core/resource";
import { links, navigate } from "../core/router";
import { topic as words } from "../en/topic";
import { topics } from "../en/topics";
import { CopyButton, LinkButton } from "../ui/button";
import { Menu } from "../ui/menu";
import { PageHead, Tabs } from "../ui/page";
import { StateOf } from "../ui/status";
import { DeleteTopics, EmptyTopics } from "./delete_topics";

export function useTopic(name: string): Resource<Topic> {
  return useResource(`topic ${name}`, (signal) => get<Topic>(`/topics/${part(name)}`, {}, signal), 5000);
}

export function TopicHead({ name, topic: { data: topic, error } }: { name: string; topic: Resource<Topic> }): JSX.Element {
  const [action, setAction] = useState<"delete" | "empty" | null>(null);
  const canChange = session.value?.read_only === false;
  const tabs = words.tabs;
  const close = (): void => setAction(null);
  if (error?.status === 404) return <PageHead code title={name} parent={{ to: "/topics", text: topics.title }} />;
  return (
    <>
      <PageHead code title={name} parent={{ to: "/topics", text: topics.title }}
        sub={topic && <><StateOf state={topic.health} /><CopyButton text={name} /></>}
        actions={canChange && (
          <>
            <LinkButton icon="send" to={`/produce?topic=${part(name)}`}>{topics.produce}</LinkButton>
            <Menu label={topics.rowMenu(name)} items={[
              { text: topics.clone, icon: "copy", run: () => navigate(`/topics/new?clone=${part(name)}`) },
              { text: topics.emptyTopic, icon: "reset", run: () => setAction("empty") },
              { text: topics.delete, icon: "trash", danger: true, run: () => setAction("delete") },
            ]} />
          </>
        )} />
      <Tabs label={name} tabs={[
        { to: links.topic(name), text: tabs.overview },
        { to: links.topic(name, "/messages"), text: tabs.messages },
        { to: links.topic(name, "/partitions"), text: tabs.partitions },
        { to: links.topic(name, "/config"), text: tabs.config },
        { to: links.topic(name, "/groups"), text: tabs.groups },
        { to: links.topic(name, "/producers"), text: tabs.producers },
        { to: links.topic(name, "/segments"), text: tabs.segments },
      ]} />
      {action === "delete" && <DeleteTopics topics={[name]} onClose={close} onDone={() => navigate("/topics")} />}
      {action === "empty" && <EmptyTopics topics={[{ topic: name, partitions: topic?.partitions ?? 0 }]} onClose={close} onDone={close} />}
    </>
  );
}
