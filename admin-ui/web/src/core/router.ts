// The URL is the state: which page, and in the query string everything that it shows.
//
// Patterns are like "/topics/:topic/p/:partition"; a part in the path is decoded once. Pages read and
// change single parameters of the query through `param` and `setParams`.
import { computed, signal } from "@preact/signals";

export type Params = Record<string, string>;

/** What the names in the pattern took, or null. */
export function match(pattern: string, path: string): Params | null {
  const wanted = pattern.split("/");
  const parts = path.split("/");
  if (parts.length > 2 && parts.at(-1) === "") parts.pop();
  if (wanted.length !== parts.length) return null;
  const params: Params = {};
  for (const [i, name] of wanted.entries()) {
    const given = parts[i] ?? "";
    if (name.startsWith(":")) {
      try {
        params[name.slice(1)] = decodeURIComponent(given);
      } catch {
        return null;
      }
    } else if (name !== given) return null;
  }
  return params;
}

function base(): string {
  return new URL(document.baseURI).pathname.replace(/\/$/, "");
}

/** Without the base, with a leading slash. */
function currentPath(): string {
  const path = location.pathname;
  const root = base();
  return (path.startsWith(root) ? path.slice(root.length) : path) || "/";
}

const place = signal({ path: currentPath(), search: location.search });
/** Rises with each navigation to another page, so that focus may move there. */
export const arrivals = signal(0);

export const path = computed(() => place.value.path);
export const query = computed(() => new URLSearchParams(place.value.search));
export const param = (name: string): string => query.value.get(name) ?? "";

function sync(): void {
  const next = { path: currentPath(), search: location.search };
  const moved = next.path !== place.value.path;
  place.value = next;
  if (moved) arrivals.value++;
}
window.addEventListener("popstate", sync);

/** An in-app address as it stands in a link. */
export const href = (to: string): string => base() + to;

export function navigate(to: string, replace = false): void {
  history[replace ? "replaceState" : "pushState"](null, "", href(to));
  sync();
  if (!replace) window.scrollTo(0, 0);
}

/** Null or "" takes a parameter away. No entry in the history: it is the same page. */
export function setParams(changes: Record<string, string | null>): void {
  const next = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  const search = text === "" ? "" : `?${text}`;
  if (search !== place.value.search) navigate(place.value.path + search, true);
}

/** Plain clicks on in-app links stay in the page; all others are the browser's. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const anchor = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!(anchor instanceof HTMLAnchorElement) || anchor.target !== "" || anchor.hasAttribute("download")) return;
  if (anchor.origin !== location.origin || !anchor.pathname.startsWith(base())) return;
  if (anchor.dataset.native !== undefined) return;
  event.preventDefault();
  navigate(anchor.pathname.slice(base().length) + anchor.search);
}

const isAwkward = (id: string): boolean => id === "" || id === "." || id === "..";

export const links = {
  topic: (topic: string, tab = ""): string => `/topics/${encodeURIComponent(topic)}${tab}`,
  record: (topic: string, partition: number, offset: string): string =>
    `/topics/${encodeURIComponent(topic)}/p/${partition}/o/${offset}`,
  group: (group: string, tab = ""): string =>
    isAwkward(group) ? `/groups/-${tab}?id=${encodeURIComponent(group)}` : `/groups/${encodeURIComponent(group)}${tab}`,
  connection: (id: string): string => `/clients/connections/${encodeURIComponent(id)}`,
  broker: (id: number, tab = ""): string => `/brokers/${id}${tab}`,
};
/** The group of a page's path: "-" stands for the one that ?id= names. */
export const groupOf = (params: Params): string =>
  params.group === "-" && query.value.has("id") ? (query.value.get("id") ?? "") : (params.group ?? "");
