// One stream of server-sent events for the tab: pages subscribe to channels, the stream follows.
//
// It is closed five seconds after the tab is hidden and opened again with the id of the last event, so
// that hidden tabs cost nothing and gaps are filled. A change of channels goes over PUT /stream/{id}.
import { effect, signal } from "@preact/signals";
import type { ChannelData, ClusterEvent, Finding, StreamFrame, StreamHello } from "../api";
import { apiUrl, send, withQuery } from "./client";
import { inRows } from "./live_rows";
import { paused } from "./prefs";

export type LiveState = "idle" | "connecting" | "live" | "lost" | "paused";
export const liveState = signal<LiveState>("idle");
/** When the last event came. */
export const lastEventAt = signal(0);

type Handler = (data: Record<string, unknown>, at: number, isSnapshot: boolean) => void;
interface Subscription {
  channel: string;
  handler: Handler;
  rows: (() => string[]) | null;
}

const subscriptions = new Set<Subscription>();
const eventHandlers = new Set<(event: ClusterEvent) => void>();
const findingHandlers = new Set<(finding: Finding) => void>();

let source: EventSource | null = null;
let streamId: string | null = null;
/** By channel: the names of rows that the stream has told. */
const names = new Map<string, string[]>();
let lastId = "";
let retryMs = 1000;
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let hideTimer: ReturnType<typeof setTimeout> | undefined;
let changeTimer: ReturnType<typeof setTimeout> | undefined;

const named = (some: readonly Subscription[]): string[] => [...new Set(some.map((one) => one.channel))].sort();
/** A list of which no row is looked at yet is not followed: the server would send all rows. */
const channels = (): string[] => named([...subscriptions].filter((one) => one.rows === null || one.rows().length > 0));
/** What needs no rows to be named, which the first request cannot do. */
const firstChannels = (): string[] => named([...subscriptions].filter((one) => one.rows === null));

function rows(): { topics?: string[]; groups?: string[] } {
  const wanted: { topics?: string[]; groups?: string[] } = {};
  for (const { channel, rows: visible } of subscriptions) {
    if (visible !== null && (channel === "topics" || channel === "groups")) wanted[channel] = visible();
  }
  return wanted;
}

function close(state: LiveState): void {
  source?.close();
  source = null;
  streamId = null;
  clearTimeout(retryTimer);
  liveState.value = state;
}

function onFrame(isSnapshot: boolean) {
  return (event: MessageEvent<string>) => {
    lastId = event.lastEventId || lastId;
    lastEventAt.value = Date.now();
    const frame = JSON.parse(event.data) as StreamFrame;
    if (isSnapshot) names.set(frame.ch, []);
    const data = "cols" in frame.data ? { rows: inRows(frame.data, names.get(frame.ch) ?? []) } : frame.data;
    for (const one of subscriptions) {
      if (one.channel === frame.ch) one.handler(data as Record<string, unknown>, frame.t, isSnapshot);
    }
  };
}

function open(): void {
  if (source !== null || document.hidden || paused.value || firstChannels().length === 0) return;
  liveState.value = liveState.value === "lost" ? "lost" : "connecting";
  const opened = new EventSource(apiUrl(withQuery("/stream", { channels: firstChannels().join(","), last_id: lastId })));
  source = opened;
  opened.addEventListener("hello", (event: MessageEvent<string>) => {
    streamId = (JSON.parse(event.data) as StreamHello).stream_id;
    retryMs = 1000;
    liveState.value = "live";
    lastEventAt.value = Date.now();
    changeSoon();
  });
  opened.addEventListener("snapshot", onFrame(true));
  opened.addEventListener("delta", onFrame(false));
  opened.addEventListener("event", (event: MessageEvent<string>) => {
    for (const handler of eventHandlers) handler(JSON.parse(event.data) as ClusterEvent);
  });
  opened.addEventListener("finding", (event: MessageEvent<string>) => {
    for (const handler of findingHandlers) handler(JSON.parse(event.data) as Finding);
  });
  opened.addEventListener("gap", () => window.dispatchEvent(new Event("console:refresh")));
  opened.addEventListener("error", () => {
    if (source !== opened) return;
    close("lost");
    retryTimer = setTimeout(open, retryMs);
    retryMs = Math.min(retryMs * 2, 15_000);
  });
}

/** Several subscriptions that change in one turn make one request. */
function changeSoon(): void {
  clearTimeout(changeTimer);
  changeTimer = setTimeout(() => {
    if (firstChannels().length === 0) {
      close("idle");
    } else if (streamId === null) {
      open();
    } else {
      send("PUT", `/stream/${encodeURIComponent(streamId)}`, { channels: channels(), rows: rows() }).catch(() => {
        close("connecting");  // the server knows this stream no longer: a new one has the channels anyway
        open();
      });
    }
  }, 150);
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(hideTimer);
  if (document.hidden) hideTimer = setTimeout(() => close("idle"), 5000);
  else open();
});
// A page that the browser keeps for the way back would keep its connection too.
window.addEventListener("pagehide", () => close("idle"));
window.addEventListener("pageshow", (event) => {
  if (event.persisted) open();
});
effect(() => {
  if (paused.value) close("paused");
  else open();
});

/** `visible` names the rows that are looked at, for the channels of lists. Returns how to end it. */
export function subscribe<C extends keyof ChannelData>(
  channel: C | `${C}:${string}`,
  handler: (data: Partial<ChannelData[C]>, at: number, isSnapshot: boolean) => void,
  visible: (() => string[]) | null = null,
): () => void {
  const one: Subscription = { channel, handler: handler as Handler, rows: visible };
  subscriptions.add(one);
  changeSoon();
  return () => {
    subscriptions.delete(one);
    changeSoon();
  };
}
/** The rows that are looked at are others now. */
export const rowsChanged = changeSoon;

export function onEvent(handler: (event: ClusterEvent) => void): () => void {
  eventHandlers.add(handler);
  return () => eventHandlers.delete(handler);
}
export function onFinding(handler: (finding: Finding) => void): () => void {
  findingHandlers.add(handler);
  return () => findingHandlers.delete(handler);
}
