// The navigation: only what is there, with the number of problems where there are some.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { findings } from "../core/health";
import { subscribe } from "../core/live";
import { href, path } from "../core/router";
import { shell } from "../en/shell";
import { Icon, type IconName } from "../ui/icon";

export const navOpen = signal(false);

interface Item {
  to: string;
  icon: IconName;
  text: string;
}
const groups: { title: string | null; items: Item[] }[] = [
  { title: null, items: [{ to: "/overview", icon: "overview", text: shell.pages.overview }] },
  { title: shell.groups.data, items: [
    { to: "/topics", icon: "topics", text: shell.pages.topics },
    { to: "/groups", icon: "groups", text: shell.pages.groups },
    { to: "/clients", icon: "clients", text: shell.pages.clients },
  ] },
  { title: shell.groups.operate, items: [
    { to: "/brokers", icon: "brokers", text: shell.pages.brokers },
    { to: "/cluster", icon: "cluster", text: shell.pages.cluster },
    { to: "/performance", icon: "performance", text: shell.pages.performance },
  ] },
  { title: shell.groups.system, items: [
    { to: "/audit", icon: "audit", text: shell.pages.audit },
    { to: "/settings", icon: "settings", text: shell.pages.settings },
    { to: "/about", icon: "about", text: shell.pages.about },
  ] },
];

function isHere(to: string): boolean {
  const here = path.value === "/" ? "/overview" : path.value;
  return here === to || here.startsWith(`${to}/`);
}

function Problems({ of }: { of: string }): JSX.Element | null {
  const mine = findings.value.filter((one) =>
    one.severity !== "INFO" && (of === "/overview" || one.link?.startsWith(of)));
  if (mine.length === 0 || of === "/overview") return null;
  const tone = mine.some((one) => one.severity === "CRITICAL") ? "crit" : "warn";
  return <span class={`badge ${tone}`} title={mine.map((one) => one.text).join("\n")}>{mine.length}</span>;
}

export function Nav(): JSX.Element {
  useEffect(() => subscribe("cluster", (data) => {
    if (data.findings) findings.value = data.findings;
  }), []);
  return (
    <nav class={`nav${navOpen.value ? " open" : ""}`} aria-label={shell.navigation} onClick={() => (navOpen.value = false)}>
      {groups.map((group) => (
        <div key={group.title} class="nav-group">
          {group.title && <p>{group.title}</p>}
          <ul>
            {group.items.map((item) => (
              <li key={item.to}>
                <a href={href(item.to)} aria-current={isHere(item.to) ? "page" : undefined}>
                  <Icon name={item.icon} />{item.text}<Problems of={item.to} />
                </a>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
