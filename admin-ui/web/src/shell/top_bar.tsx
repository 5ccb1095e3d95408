// The bar at the top: whose cluster, search, is it live, which zone, which theme, who.
import type { JSX } from "preact";
import { post, session } from "../core/client";
import { liveState } from "../core/live";
import { paused, theme, type Theme, zone } from "../core/prefs";
import { shell } from "../en/shell";
import { Button, Link } from "../ui/button";
import { Icon } from "../ui/icon";
import { Popover } from "../ui/menu";
import { tell } from "../ui/toast";
import { Fact, Facts, When } from "../ui/values";
import { navOpen } from "./nav";

export const nextTheme = (now: Theme): Theme => (now === "system" ? "light" : now === "light" ? "dark" : "system");

function Mark(): JSX.Element {
  return (
    <svg class="mark" width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M8 22c0-9 8-2 8-9s8-3 8-3" />
    </svg>
  );
}

function Live(): JSX.Element {
  const state = liveState.value;
  return (
    <span class={`live is-${state}`} role="status">
      <i aria-hidden="true" />{shell.live[state]}
    </span>
  );
}

export function TopBar({ onSearch }: { onSearch: () => void }): JSX.Element {
  const who = session.value;
  const themeIcon = theme.value === "system" ? "system" : theme.value === "light" ? "sun" : "moon";
  return (
    <header class="top-bar">
      <div class="brand">
        <span class="nav-toggle"><Button look="quiet" icon="menu" label={shell.menu} expanded={navOpen.value} onClick={() => (navOpen.value = !navOpen.value)} /></span>
        <Link to="/overview" class="brand-link" title={shell.product}><Mark /><strong>{shell.product}</strong></Link>
        {who && <span class="cluster-name" title={who.cluster_id}>{who.cluster_label || who.cluster_id}</span>}
      </div>
      <button type="button" class="search-box" title={shell.search} onClick={onSearch}>
        <Icon name="search" size={14} /><span>{shell.search}</span><kbd>Ctrl K</kbd>
      </button>
      <div class="top-tools">
        <Live />
        <Button look="quiet" icon={paused.value ? "play" : "pause"} label={paused.value ? shell.resume : shell.pause}
          pressed={paused.value} onClick={() => (paused.value = !paused.value)} />
        <Button look="quiet" title={shell.zoneTitle} onClick={() => (zone.value = zone.value === "utc" ? "local" : "utc")}>
          {shell.zone[zone.value]}
        </Button>
        <Button look="quiet" icon={themeIcon} label={shell.theme[theme.value]} onClick={() => (theme.value = nextTheme(theme.value))} />
        {who && (
          <Popover look="quiet" label={shell.user} text={who.principal.replace(/^User:/, "")}>
            {(close) => (
              <div class="who">
                <Facts>
                  <Fact name={shell.user}>{who.principal}</Fact>
                  <Fact name={shell.sessionUntil}><When ms={who.expires_ms} /></Fact>
                </Facts>
                <Button onClick={() => { close(); void post("/logout").then(() => tell(shell.signedOut)); }}>{shell.signOut}</Button>
              </div>
            )}
          </Popover>
        )}
      </div>
    </header>
  );
}
