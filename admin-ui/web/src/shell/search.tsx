// Ctrl-K: one field over topics, groups, brokers, clients, settings, events, pages and actions.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Ms, SearchAnswer } from "../api";
import { get, session } from "../core/client";
import { moment } from "../core/format";
import { zone } from "../core/prefs";
import { href, navigate } from "../core/router";
import { shell } from "../en/shell";
import { Icon } from "../ui/icon";

interface Hit {
  type: string;
  name: string;
  detail: string;
  link: string;
  at_ms?: Ms | null;
}

const page = (name: string, link: string): Hit => ({ type: "page", name, detail: "", link });

function localHits(query: string): Hit[] {
  const { pages, actions } = shell;
  const all: Hit[] = [
    ...(["overview", "topics", "groups", "clients", "brokers", "cluster", "performance", "audit", "settings", "about"] as const)
      .map((name) => page(pages[name], `/${name}`)),
    page(pages.quorum, "/cluster/quorum"), page(pages.clusterConfig, "/cluster/config"), page(pages.features, "/cluster/features"),
    ...(session.value?.read_only ? [] : [
      { type: "action", name: actions.createTopic, detail: "", link: "/topics/new" },
      { type: "action", name: actions.produce, detail: "", link: "/produce" },
      { type: "action", name: actions.resetOffsets, detail: "", link: "/groups" },
    ]),
  ];
  const wanted = query.toLowerCase();
  return all.filter((hit) => hit.name.toLowerCase().includes(wanted));
}

export function Search({ onClose }: { onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<Hit[]>([]);
  const [active, setActive] = useState(0);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  useEffect(() => {
    if (query.trim() === "") {
      setFound([]);
      return;
    }
    const controller = new AbortController();
    const timer = setTimeout(() => {
      get<SearchAnswer>("/search", { q: query.trim() }, controller.signal).then((answer) => setFound(answer.hits), () => undefined);
    }, 120);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [query]);
  const hits: Hit[] = [...found, ...localHits(query)];
  const at = Math.min(active, hits.length - 1);
  const open = (hit: Hit | undefined, inNewTab: boolean): void => {
    if (!hit) return;
    if (inNewTab) window.open(href(hit.link), "_blank", "noopener");
    else navigate(hit.link);
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") setActive(Math.min(hits.length - 1, at + 1));
    else if (event.key === "ArrowUp") setActive(Math.max(0, at - 1));
    else if (event.key === "Enter") open(hits[at], event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} class="search-dialog" aria-label={shell.search} onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => { if (event.target === dialog.current) onClose(); }}>
      <div class="search-input">
        <Icon name="search" />
        <input autofocus value={query} placeholder={shell.searchHint} aria-label={shell.search} role="combobox" aria-expanded="true"
          aria-controls="search-hits" aria-activedescendant={hits[at] ? `hit-${at}` : undefined} spellcheck={false} autocomplete="off"
          onInput={(event) => { setQuery(event.currentTarget.value); setActive(0); }} onKeyDown={onKeyDown} />
      </div>
      <ul id="search-hits" role="listbox" aria-label={shell.search}>
        {hits.map((hit, i) => (
          <li key={`${hit.type} ${hit.name} ${hit.link} ${hit.at_ms ?? ""}`} id={`hit-${i}`} role="option" aria-selected={i === at}
            onPointerMove={() => setActive(i)} onClick={(event) => open(hit, event.ctrlKey || event.metaKey)}>
            <span class="hit-type">{shell.searchTypes[hit.type] ?? hit.type}</span>
            <span class="hit-name">{hit.name || "(empty)"}</span>
            <span class="muted">{hit.at_ms != null && `${moment(hit.at_ms, zone.value, Date.now())} `}{hit.detail}</span>
          </li>
        ))}
      </ul>
      {hits.length === 0 && <p class="search-none muted">{shell.searchEmpty}</p>}
    </dialog>
  );
}
