// One line each below the bar: what everyone who works here has to know.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { loadSession, session } from "../core/client";
import { liveState } from "../core/live";
import { remembered } from "../core/prefs";
import { shell } from "../en/shell";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";

function Banner({ tone, children, live }: {
  tone: "info" | "warn" | "crit";
  children: ComponentChildren;
  live?: "assertive";
}): JSX.Element {
  return <div class={`banner ${tone}`} role={live ? "alert" : "status"}><Icon name="warning" size={14} />{children}</div>;
}

const knowsNoAuth = remembered("knows_no_auth", false);

/** True once a lost stream has not come back for a moment: no flash for a blink. */
function useLost(): boolean {
  const [lost, setLost] = useState(false);
  const state = liveState.value;
  useEffect(() => {
    if (state !== "lost") {
      setLost(false);
      return;
    }
    const timer = setTimeout(() => setLost(true), 2500);
    return () => clearTimeout(timer);
  }, [state]);
  return lost;
}

/** The version that the broker had when the page was loaded against the one that it has after a restart. */
function useOtherVersion(): boolean {
  const [first, setFirst] = useState<string | null>(null);
  const version = session.value?.version ?? null;
  useEffect(() => {
    if (first === null && version !== null) setFirst(version);
  }, [version]);
  const state = liveState.value;
  useEffect(() => {
    if (state === "live" && first !== null) void loadSession().catch(() => undefined);
  }, [state]);
  return first !== null && version !== null && first !== version;
}

export function Banners(): JSX.Element {
  const who = session.value;
  const lost = useLost();
  const isOther = useOtherVersion();
  return (
    <div class="banners">
      {who?.insecure && <Banner tone="crit">{shell.insecure}</Banner>}
      {who?.read_only && <Banner tone="info">{shell.readOnly}</Banner>}
      {who?.auth === "none" && !who.insecure && !knowsNoAuth.value && (
        <Banner tone="info">{shell.noAuth}
          <Button look="quiet" icon="close" label={shell.dismiss} onClick={() => (knowsNoAuth.value = true)} />
        </Banner>
      )}
      {lost && <Banner tone="warn" live="assertive">{shell.streamLost}</Banner>}
      {isOther && <Banner tone="warn">{shell.newVersion}<Button onClick={() => location.reload()}>{shell.reload}</Button></Banner>}
    </div>
  );
}
