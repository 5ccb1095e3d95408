// What this is: version, addresses for machines, the Kafka APIs that are served, licences.
import type { JSX } from "preact";
import type { ApiVersion, List } from "../api";
import { get, session, urlOf } from "../core/client";
import { useResource } from "../core/resource";
import { links } from "../core/router";
import { about as words } from "../en/system";
import { Link } from "../ui/button";
import { PageHead, Panel } from "../ui/page";
import { Shown } from "../ui/states";
import { type Column, VTable } from "../ui/table";
import { Fact, Facts } from "../ui/values";

const names = words.apiColumns;
const columns: Column<ApiVersion>[] = [
  { id: "key", title: names.key, width: 80, numeric: true, key: (a) => a.api_key },
  { id: "api", title: names.api, width: 240, grow: true, key: (a) => a.api },
  { id: "min", title: names.min, width: 90, numeric: true, key: (a) => a.min },
  { id: "max", title: names.max, width: 90, numeric: true, key: (a) => a.max },
];

export function AboutPage(): JSX.Element {
  const apis = useResource("api-versions", (signal) => get<List<ApiVersion>>("/api-versions", {}, signal));
  const who = session.value;
  return (
    <>
      <PageHead title={words.title} />
      <Panel title={words.product}>
        <Facts>
          <Fact name={words.version}>{who?.version}</Fact>
          <Fact name={words.cluster}><code>{who?.cluster_id}</code></Fact>
          <Fact name={words.broker}>{who && <Link to={links.broker(who.broker_id)}>{who.broker_id}</Link>}</Fact>
          <Fact name={words.principal}>{who?.principal}</Fact>
        </Facts>
      </Panel>
      <div class="columns-2">
        <Panel title={words.links} flush>
          <ul class="short-list">
            {words.linkList.map(([path, text]) => <li key={path}><span>{text}</span><a href={urlOf(path)} data-native class="mono">/{path}</a></li>)}
          </ul>
        </Panel>
        <Panel title={words.licences}>
          <div class="prose">
            <p>{words.licenceText}</p>
            <ul>{words.parts.map(([name, by]) => <li key={name}>{name} <span class="muted">© {by}</span></li>)}</ul>
          </div>
        </Panel>
      </div>
      <Panel title={words.apis} flush>
        <Shown of={apis}>
          {({ data }) => <VTable id="api-versions" label={words.apis} columns={columns} rows={data} rowKey={(a) => String(a.api_key)} filterText={(a) => a.api} initialSort="key:asc" maxRows={16} />}
        </Shown>
      </Panel>
    </>
  );
}
