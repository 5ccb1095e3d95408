// The frame of a page: its title, its actions, tabs, panels.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { session } from "../core/client";
import { arrivals, href, path } from "../core/router";
import { Link } from "./button";

/** The only h1 of a page; focus comes here when the page changes. */
export function PageHead({ title, parent, sub, actions, code = false }: {
  title: string;
  parent?: { to: string; text: string };
  sub?: ComponentChildren;
  actions?: ComponentChildren;
  code?: boolean;
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  const cluster = session.value?.cluster_label || session.value?.cluster_id || "MambaMQ";
  useEffect(() => {
    document.title = `${title} · ${parent ? `${parent.text} · ` : ""}${cluster}`;
  }, [title, parent?.text, cluster]);
  const arrival = arrivals.value;
  useEffect(() => {
    if (arrival > 0) heading.current?.focus({ preventScroll: true });
  }, [arrival]);
  return (
    <header class="page-head">
      <div class="page-title">
        {parent && <p class="crumb"><Link to={parent.to}>{parent.text}</Link></p>}
        <div class="page-line">
          <h1 ref={heading} tabIndex={-1} class={code ? "mono" : undefined}>{title || "(empty)"}</h1>
          {sub && <div class="page-sub">{sub}</div>}
        </div>
      </div>
      {actions && <div class="page-actions">{actions}</div>}
    </header>
  );
}

export interface Tab {
  to: string;
  text: string;
  count?: number;
}
export function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }): JSX.Element {
  const here = path.value;
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => {
        const current = here === tab.to.split("?")[0];
        return (
          <a key={tab.to} href={href(tab.to)} aria-current={current ? "page" : undefined}>
            {tab.text}{tab.count !== undefined && <span class="badge">{tab.count}</span>}
          </a>
        );
      })}
    </nav>
  );
}

export function Panel({ title, actions, children, flush = false, hint }: {
  title?: string | undefined;
  hint?: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
  /** Its content reaches the edges, and goes beyond them on a telephone: it can be scrolled by keys. */
  flush?: boolean;
}): JSX.Element {
  return (
    <section class={`panel${flush ? " flush" : ""}`} aria-label={title}>
      {(title || actions) && (
        <header><h2 title={hint}>{title}</h2>{actions && <div class="panel-actions">{actions}</div>}</header>
      )}
      <div class="panel-body" tabIndex={flush ? 0 : undefined}>{children}</div>
    </section>
  );
}
