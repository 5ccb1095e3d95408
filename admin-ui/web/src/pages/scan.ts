// A scan under way: rows as they come, how far it is, how it ended; stop and continue.
import { useEffect, useRef, useState } from "preact/hooks";
import type { BrowseDone, BrowseLine, BrowseProgress, BrowseRecord, BrowseRequest, BrowseStart, BrowseWarning } from "../api";
import { ApiError, messageOf, openStream, part } from "../core/client";
import { lines } from "../core/ndjson";

export interface Scan {
  state: "idle" | "running" | "done";
  request: BrowseRequest | null;
  start: BrowseStart | null;
  progress: BrowseProgress | null;
  end: BrowseDone | null;
  warnings: BrowseWarning[];
  rows: BrowseRecord[];
  /** Of a live tail: rows that were let go. */
  dropped: number;
  error: ApiError | null;
}

export const liveRowsMax = 2000;
const nothing: Scan = {
  state: "idle", request: null, start: null, progress: null, end: null, warnings: [], rows: [], dropped: 0, error: null,
};

export interface Scanner {
  scan: Scan;
  run: (request: BrowseRequest) => void;
  stop: () => void;
  /** From where the budget stopped it. */
  goOn: () => void;
}

/** Rows are handed over a few times a second, however many there are. */
const flushMs = 120;

export function useScan(topic: string): Scanner {
  const [scan, setScan] = useState<Scan>(nothing);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => {
    const leave = (): void => abort.current?.abort();
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [topic]);

  const begin = async (request: BrowseRequest, before: Scan): Promise<void> => {
    abort.current?.abort();
    const controller = new AbortController();
    abort.current = controller;
    const isLive = request.to.type === "none";
    const newestFirst = request.order === "desc" || isLive;
    const state: Scan = { ...before, state: "running", request, end: null, error: null, warnings: [] };
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pending: BrowseRecord[] = [];
    const flush = (): void => {
      timer = undefined;
      if (controller.signal.aborted && state.state === "running") return;
      if (pending.length > 0) {
        state.rows = isLive ? [...pending.reverse(), ...state.rows] : [...state.rows, ...pending];
        pending = [];
        if (isLive && state.rows.length > liveRowsMax) {
          state.dropped += state.rows.length - liveRowsMax;
          state.rows = state.rows.slice(0, liveRowsMax);
        }
      }
      setScan({ ...state });
    };
    const take = (line: BrowseLine): void => {
      if (line.t === "start") state.start = before.start ?? line;
      else if (line.t === "rec") pending.push(line);
      else if (line.t === "prog") state.progress = line;
      else if (line.t === "warn") state.warnings = [...state.warnings, line].slice(-20);
      else {
        state.end = line;
        state.state = "done";
      }
      timer ??= setTimeout(flush, flushMs);
    };
    flush();
    try {
      const body = await openStream(`/topics/${part(topic)}/records:browse`, request, controller.signal);
      for await (const line of lines(body)) take(JSON.parse(line) as BrowseLine);
      if (newestFirst && !isLive) {
        state.rows = [...state.rows, ...pending].sort((a, b) => b.ts - a.ts || b.p - a.p || (BigInt(b.o) > BigInt(a.o) ? 1 : -1));
        pending = [];
      }
    } catch (error) {
      if (controller.signal.aborted) return;
      state.error = error instanceof ApiError ? error : new ApiError({
        status: 0, kafka_code: null, kafka_name: null, message: messageOf(error), detail: null, request_id: "",
      });
    }
    clearTimeout(timer);
    state.state = "done";
    flush();
  };

  return {
    scan,
    run: (request) => void begin(request, nothing),
    stop: () => {
      abort.current?.abort();
      setScan((old) => ({ ...old, state: "done", end: old.end }));
    },
    goOn: () => {
      const token = scan.end?.cursor;
      if (token && scan.request) void begin({ ...scan.request, from: { type: "cursor", token } }, scan);
    },
  };
}

/** How much has been looked at, 0 to 1. */
export function shareDone(scan: Scan): number | null {
  const total = Number(scan.start?.upper_bound ?? 0);
  const scanned = Number(scan.end?.scanned ?? scan.progress?.scanned ?? 0);
  return total > 0 ? Math.min(1, scanned / total) : null;
}
