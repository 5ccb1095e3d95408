// A key or a value, decoded: as a tree, pretty, raw or hex, with the decoders that were tried.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Bytes } from "../api";
import { bytesOf, hexRows } from "../core/bytes";
import { type DecoderName, decoderNames } from "../core/decoder_names";
import type { Decoded } from "../core/decode";
import { print } from "../core/lossless_json";
import { messages as words } from "../en/messages";
import { Button } from "../ui/button";
import { Segmented, Select, Text } from "../ui/forms";
import { Chip } from "../ui/status";
import { Size } from "../ui/values";
import { type JsonActions, JsonTree } from "./json_view";
import { useDecoding } from "./use_decoding";

type Mode = "tree" | "pretty" | "raw" | "hex";
const charactersMax = 200_000;
const modesOf: Partial<Record<Decoded["as"], readonly Mode[]>> = {
  json: ["tree", "pretty", "raw", "hex"], msgpack: ["tree", "pretty", "hex"], cbor: ["tree", "pretty", "hex"], hex: ["hex"],
};

function Hex({ value }: { value: Bytes }): JSX.Element {
  const rows = useMemo(() => hexRows(bytesOf(value)), [value]);
  return (
    <div class="hex" tabIndex={0}>
      {rows.map((row) => <div key={row.offset}><span class="muted">{row.offset}</span>{"  "}{row.hex.padEnd(50)}<span>{row.ascii}</span></div>)}
    </div>
  );
}

function Raw({ text }: { text: string }): JSX.Element {
  const [all, setAll] = useState(false);
  const isLong = text.length > charactersMax && !all;
  return (
    <>
      <pre class="raw">{isLong ? text.slice(0, charactersMax) : text}</pre>
      {isLong && <Button onClick={() => setAll(true)}>{words.loadWhole}</Button>}
    </>
  );
}

export function ValueView({ value, part, decoder, onDecoder, actions, onLoadWhole }: {
  value: Bytes | null;
  part: "key" | "value";
  decoder: DecoderName | "auto";
  onDecoder: (decoder: DecoderName | "auto") => void;
  actions?: JsonActions;
  onLoadWhole?: () => void;
}): JSX.Element {
  const decoding = useDecoding(value, part, decoder);
  const [mode, setMode] = useState<Mode>("tree");
  const [search, setSearch] = useState("");
  if (value === null) return <p><Chip tone="warn">{part === "value" ? words.tombstone : words.noKey}</Chip></p>;
  if (decoding === null) return <p class="muted" aria-busy="true">{words.decoding}</p>;
  const { result, attempts } = decoding;
  const modes: readonly Mode[] = modesOf[result.as] ?? ["raw", "hex"];
  const shown = modes.includes(mode) ? mode : modes[0] ?? "hex";
  const json = "json" in result ? result.json : null;
  return (
    <>
      <div class="row-line">
        <Segmented label={words.record} value={shown} onChange={setMode} options={modes.map((one) => ({ value: one, text: words.modes[one] }))} />
        <Select label={words.decoder} value={decoder} onChange={onDecoder}
          options={[{ value: "auto", text: words.auto(decoder === "auto" ? result.as : null) }, ...decoderNames.map((name) => ({ value: name as DecoderName | "auto", text: name }))]} />
        <span class="spacer" />
        <span class="muted"><Size v={value.n} /></span>
      </div>
      {json && shown === "tree" && <Text type="search" value={search} onChange={setSearch} placeholder={words.searchIn} label={words.searchIn} />}
      {value.cut && (
        <p class="strip warn">{words.cut} {onLoadWhole && <Button onClick={onLoadWhole}>{words.loadWhole}</Button>}</p>
      )}
      <div class="value-box" tabIndex={0} role="region" aria-label={words.tabs[part]}>
        {result.as === "empty" ? <span class="muted">{words.emptyText}</span>
          : shown === "hex" ? <Hex value={value} />
            : json && shown === "tree" ? <JsonTree json={json} search={search} {...(actions && result.as === "json" ? { actions } : {})} />
              : json && shown === "pretty" ? <Raw text={print(json)} />
                : <Raw text={"text" in result ? result.text : ""} />}
      </div>
      {attempts.length > 1 && (
        <details>
          <summary class="muted">{words.tried}</summary>
          <ul>{attempts.map((one) => <li key={one.decoder}><code>{one.decoder}</code> <span class="muted">{one.error ?? words.fits}</span></li>)}</ul>
        </details>
      )}
    </>
  );
}
