// The groups that read a topic.
import type { JSX } from "preact";
import type { List, TopicGroup } from "../api";
import { get, part } from "../core/client";
import { near } from "../core/exact";
import { useResource } from "../core/resource";
import { links } from "../core/router";
import { topic as words } from "../en/topic";
import { Link } from "../ui/button";
import { Empty, Shown } from "../ui/states";
import { StateOf } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { Count, Rate, Span } from "../ui/values";

const names = words.groupColumns;
const columns: Column<TopicGroup>[] = [
  { id: "group", title: names.group, width: 240, grow: true, key: (g) => g.group, cell: (g) => <Link to={links.group(g.group)}>{g.group || "(empty)"}</Link> },
  { id: "type", title: names.type, width: 100, key: (g) => g.type },
  { id: "state", title: names.state, width: 140, key: (g) => g.state, cell: (g) => <StateOf state={g.state} /> },
  { id: "members", title: names.members, width: 170, numeric: true, key: (g) => g.members },
  { id: "lag", title: names.lag, width: 110, numeric: true, key: (g) => near(g.lag), cell: (g) => <Count v={g.lag} /> },
  { id: "lag_ms", title: names.lagMs, width: 120, numeric: true, key: (g) => g.lag_ms, cell: (g) => <Span ms={g.lag_ms} /> },
  { id: "rate", title: names.rate, width: 120, numeric: true, key: (g) => g.consume_rate, cell: (g) => <Rate v={g.consume_rate} /> },
  { id: "assignor", title: names.assignor, width: 130, key: (g) => g.assignor },
];

export function TopicGroups({ topic }: { topic: string }): JSX.Element {
  const path = `/topics/${part(topic)}/groups`;
  const groups = useResource(path, (signal) => get<List<TopicGroup>>(path, {}, signal), 5000);
  return (
    <Shown of={groups}>
      {({ data }) => (
        <VTable id="topic-groups" label={names.group} columns={columns} rows={data} rowKey={(g) => g.group} rowLink={(g) => links.group(g.group)}
          filterText={(g) => g.group} params={{ filter: "q", sort: "sort" }} initialSort="lag:desc" empty={<Empty title={words.noTopicGroups} />} />
      )}
    </Shown>
  );
}
