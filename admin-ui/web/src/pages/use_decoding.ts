// What a key or a value is, once that is known.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Bytes } from "../api";
import type { Decoding } from "../core/decode";
import { decodeAside, decoders, isLarge, loadDecoders, undecoded, type Wanted } from "../core/decoding";

interface Aside {
  value: Bytes;
  wanted: Wanted;
  decoding: Decoding;
}

/** Null: not yet. */
export function useDecoding(value: Bytes | null, part: "key" | "value", wanted: Wanted): Decoding | null {
  const [aside, setAside] = useState<Aside | null>(null);
  const loaded = decoders.value;
  const here = useMemo(() => (isLarge(value) ? null : loaded?.decode(value, part, wanted) ?? null), [value, part, wanted, loaded]);
  useEffect(() => {
    if (value === null) return;
    const leaving = new AbortController();
    const take = (decoding: Decoding): void => {
      if (!leaving.signal.aborted) setAside({ value, wanted, decoding });
    };
    if (isLarge(value)) void decodeAside(value, part, wanted, leaving.signal).then(take);
    else loadDecoders().catch((error: unknown) => take(undecoded(value, wanted, String(error))));
    return () => leaving.abort();
  }, [value, part, wanted]);
  return here ?? (aside?.value === value && aside?.wanted === wanted ? aside.decoding : null);
}
