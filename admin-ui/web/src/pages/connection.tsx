// One connection: what the broker knows of it, not what the client says of itself.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ConnectionDetail, Results } from "../api";
import { get, part, send, session } from "../core/client";
import { useResource } from "../core/resource";
import { links, navigate, type Params } from "../core/router";
import { common } from "../en/common";
import { clients as words } from "../en/operate";
import { Button, Link } from "../ui/button";
import { DangerDialog } from "../ui/dialog";
import { Icon } from "../ui/icon";
import { PageHead, Panel } from "../ui/page";
import { now, Shown } from "../ui/states";
import { Chip } from "../ui/status";
import { tell } from "../ui/toast";
import { Ago, ByteRate, Count, Digits, Fact, Facts, Rate, Size, Span, Unknown } from "../ui/values";
import { softwareOf } from "./client_rows";
import { SlowTable } from "./slow_table";
import { WaitingList } from "./waiting_list";

const names = words.columns;

function Detail({ c }: { c: ConnectionDetail }): JSX.Element {
  return (
    <>
      {c.warnings.length > 0 && (
        <Panel title={words.warnings}><ul class="hints">{c.warnings.map((text) => <li key={text}><Icon name="warning" />{text}</li>)}</ul></Panel>
      )}
      <Panel title={words.facts}>
        <Facts>
          <Fact name={names.address}><span class="mono">{c.address}:{c.port}</span></Fact>
          <Fact name={names.principal}>{c.principal}</Fact>
          <Fact name={names.software}>{softwareOf(c) || <Unknown why={words.softwareUnknown} />}</Fact>
          <Fact name={names.kind} hint={words.hints.kind}>{words.kinds[c.kind]}</Fact>
          <Fact name={names.listener}>{c.listener}</Fact>
          <Fact name={names.tls}>{c.tls ?? common.no}</Fact>
          {c.group !== null && <Fact name={names.group}><Link to={links.group(c.group)}>{c.group || "(empty)"}</Link></Fact>}
          {c.transactional_id !== null && <Fact name={names.txn}>{c.transactional_id}</Fact>}
          <Fact name={names.connected}><Ago ms={c.connected_ms} now={now.value} /></Fact>
          <Fact name={names.idle}><Span ms={c.idle_ms} /></Fact>
          <Fact name={names.in}><ByteRate v={c.bytes_in} /></Fact>
          <Fact name={names.out}><ByteRate v={c.bytes_out} /></Fact>
          <Fact name={names.requests}><Rate v={c.requests} /></Fact>
          <Fact name={names.inFlight}><Digits v={c.in_flight} /></Fact>
          <Fact name={names.queue}><Size v={c.send_queue} /></Fact>
          <Fact name={names.throttled} hint={words.hints.throttled}><Span ms={c.throttled_ms} /></Fact>
        </Facts>
      </Panel>
      <Panel title={words.totals}>
        <Facts>
          <Fact name={words.requestsTotal}><Count v={c.requests_total} /></Fact>
          <Fact name={words.bytesIn}><Size v={c.bytes_in_total} /></Fact>
          <Fact name={words.bytesOut}><Size v={c.bytes_out_total} /></Fact>
          <Fact name={words.errors}><Count v={c.errors} /></Fact>
        </Facts>
      </Panel>
      <Panel title={words.waiting} flush><WaitingList waiting={c.waiting} none={words.notWaiting} /></Panel>
      <Panel title={words.recent} flush><SlowTable id="recent-requests" rows={c.recent} empty={words.noRecent} maxRows={12} /></Panel>
      <div class="columns-2">
        <Panel title={words.apis} flush>
          <table class="plain-table">
            <thead><tr><th>{words.api}</th><th class="right">{words.version}</th><th class="right">{words.count}</th></tr></thead>
            <tbody>{c.api_versions.map((one) => (
              <tr key={`${one.api_key} ${one.version}`}><td>{one.api}</td><td class="right">{one.version}</td><td class="right"><Count v={one.count} /></td></tr>
            ))}</tbody>
          </table>
        </Panel>
        <Panel title={words.topics} flush>
          {c.topics.length === 0 ? <p class="none">{words.noTopics}</p> : (
            <ul class="short-list">{c.topics.map((one) => (
              <li key={one.topic}><Link to={links.topic(one.topic)}>{one.topic}</Link><ByteRate v={one.bytes_in} /><ByteRate v={one.bytes_out} /></li>
            ))}</ul>
          )}
        </Panel>
      </div>
    </>
  );
}

export function ConnectionPage({ params }: { params: Params }): JSX.Element {
  const id = params.id ?? "";
  const path = `/clients/connections/${part(id)}`;
  const connection = useResource(path, (signal) => get<ConnectionDetail>(path, {}, signal), 2000);
  const [closing, setClosing] = useState(false);
  const name = connection.data?.client_id || id;
  const close = async (): Promise<Results> => {
    await send<void>("DELETE", path);
    return { results: [{ target: name, status: 204 }] };
  };
  return (
    <>
      <PageHead code title={name} parent={{ to: "/clients", text: words.title }}
        sub={connection.data?.slow_reader && <Chip tone="warn">{names.slow}</Chip>}
        actions={session.value?.read_only === false && connection.data && <Button icon="close" onClick={() => setClosing(true)}>{words.close}</Button>} />
      <Shown of={connection} what={words.what} back={{ to: "/clients", text: words.title }}>{(data) => <Detail c={data} />}</Shown>
      {closing && (
        <DangerDialog title={words.closeTitle(name)} word={name} verb={words.close} targets={[name]} run={close} command={`curl -X DELETE CONSOLE/api/v1${path}`}
          onClose={() => setClosing(false)} onDone={() => { tell(words.closed); navigate("/clients"); }}>
          <p>{words.closeText}</p>
        </DangerDialog>
      )}
    </>
  );
}
