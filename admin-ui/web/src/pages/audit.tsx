// Who changed what through the console.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AuditEntry, List } from "../api";
import { get } from "../core/client";
import { useResource } from "../core/resource";
import { audit as words } from "../en/system";
import { common } from "../en/common";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { PageHead } from "../ui/page";
import { Empty, Shown } from "../ui/states";
import { Status } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { Fact, Facts, When } from "../ui/values";

const names = words.columns;
const isDone = (entry: AuditEntry): boolean => entry.status < 400;

function Outcome({ entry }: { entry: AuditEntry }): JSX.Element {
  return (
    <span title={entry.message ?? undefined}>
      <Status tone={isDone(entry) ? "ok" : "warn"}>{isDone(entry) ? words.done : `${words.refused} (${entry.status})`}</Status>
    </span>
  );
}

const columns: Column<AuditEntry>[] = [
  { id: "at", title: names.at, width: 212, key: (e) => e.at_ms, cell: (e) => <When ms={e.at_ms} full /> },
  { id: "who", title: names.who, width: 150, key: (e) => e.principal },
  { id: "from", title: names.from, width: 120, key: (e) => e.remote },
  { id: "action", title: names.action, width: 330, key: (e) => e.action, cell: (e) => <code>{e.action.replace("/api/v1", "")}</code> },
  { id: "target", title: names.target, width: 220, grow: true, key: (e) => e.target, cell: (e) => <span title={e.target}>{e.target}</span> },
  { id: "path", title: names.path, width: 220, hidden: true, key: (e) => e.path, cell: (e) => <code title={e.path}>{e.path}</code> },
  { id: "outcome", title: names.outcome, width: 150, key: (e) => e.status, cell: (e) => <Outcome entry={e} /> },
  { id: "request", title: names.request, width: 90, hidden: true, key: (e) => e.request_id },
];

function Body({ title, value }: { title: string; value: unknown }): JSX.Element | null {
  if (value == null) return null;
  const text = JSON.stringify(value, null, 2);
  return <div><h3>{title}</h3><pre class="value-box raw" tabIndex={0}>{text}</pre></div>;
}

export function AuditPage(): JSX.Element {
  const entries = useResource("audit", (signal) => get<List<AuditEntry>>("/audit", { limit: 1000 }, signal), 5000);
  const [open, setOpen] = useState<AuditEntry | null>(null);
  return (
    <>
      <PageHead title={words.title} />
      <Shown of={entries}>
        {({ data }) => (
          <VTable id="audit" label={words.title} columns={columns} rows={data} rowKey={(e) => `${e.at_ms} ${e.request_id}`} onOpen={setOpen}
            filterText={(e) => `${e.principal} ${e.action} ${e.target} ${e.path} ${e.remote}`} params={{ filter: "q", sort: "sort" }} empty={<Empty title={words.none} />} />
        )}
      </Shown>
      {open && (
        <Dialog title={words.detail} wide onClose={() => setOpen(null)} actions={<Button onClick={() => setOpen(null)}>{common.close}</Button>}>
          <Facts>
            <Fact name={names.at}><When ms={open.at_ms} full /></Fact>
            <Fact name={names.who}>{open.principal}</Fact>
            <Fact name={names.from}>{open.remote}</Fact>
            <Fact name={names.target}>{open.target}</Fact>
            <Fact name={names.outcome}><Outcome entry={open} /></Fact>
            <Fact name={names.request}><code>{open.request_id}</code></Fact>
          </Facts>
          <p><code>{open.action}</code></p>
          <p><code>{open.path}</code></p>
          {open.message && <p class="crit">{open.message}</p>}
          <Body title={words.before} value={open.before} />
          <Body title={words.requested} value={open.request} />
        </Dialog>
      )}
    </>
  );
}
