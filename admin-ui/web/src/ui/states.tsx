// What stands where data would be: loading, an error, nothing, gone, old.
import { signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiError } from "../core/client";
import { span } from "../core/format";
import type { Resource } from "../core/resource";
import { common } from "../en/common";
import { Button, Link } from "./button";
import { Icon } from "./icon";

/** Ticks once a second, for ages. */
export const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);

export function Loading({ onCancel }: { onCancel?: () => void }): JSX.Element {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="state loading" role="status">
      <span class="pulse" aria-hidden="true" />
      {seconds < 10 ? common.loading : common.stillWorking(seconds)}
      {seconds >= 10 && onCancel && <Button onClick={onCancel}>{common.cancel}</Button>}
    </div>
  );
}

export function Empty({ title, children, action }: {
  title: string;
  children?: ComponentChildren;
  action?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="state empty">
      <p class="state-title">{title}</p>
      {children}
      {action && <div class="state-action">{action}</div>}
    </div>
  );
}

function codeOf(error: ApiError): string {
  const { kafka_name: name, kafka_code: code, status } = error.info;
  return name ? `${name}${code === null ? "" : ` (${code})`}` : status > 0 ? `HTTP ${status}` : "";
}

export function Failure({ error, onRetry }: { error: ApiError; onRetry?: (() => void) | undefined }): JSX.Element {
  return (
    <div class="state failure" role="alert">
      <p class="state-title"><Icon name="warning" /> {error.message}</p>
      <p class="muted">
        {codeOf(error) && <code>{codeOf(error)}</code>} {error.info.request_id && common.request(error.info.request_id)}
      </p>
      <p>{error.status === 0 ? common.unreachable : error.status === 403 ? common.forbidden : common.tryAgain}</p>
      {onRetry && <Button icon="refresh" onClick={onRetry}>{common.retry}</Button>}
    </div>
  );
}

/** A short failure inside a form. */
export function Problem({ error }: { error: ApiError | string | null }): JSX.Element | null {
  if (error === null) return null;
  const text = typeof error === "string" ? error : error.message;
  return (
    <p class="problem" role="alert">
      <Icon name="warning" /> <span>{text} {typeof error !== "string" && codeOf(error) && <code>{codeOf(error)}</code>}</span>
    </p>
  );
}

/** Shows the data of a resource, or what stands in its place. `what` is "topic", "group". */
export function Shown<T>({ of, what, back, children }: {
  of: Resource<T>;
  what?: string;
  /** Where to go when it is gone. */
  back?: { to: string; text: string };
  children: (data: T) => ComponentChildren;
}): JSX.Element {
  const { data, error } = of;
  if (data === null) {
    if (error === null) return <Loading />;
    if (error.status === 404 && what) {
      return <Gone title={common.notFoundTitle(what)} text={common.notFoundText} back={back} />;
    }
    return <Failure error={error} onRetry={of.reload} />;
  }
  if (of.gone && what) return <Gone title={common.goneTitle(`The ${what}`)} text={common.goneText} back={back} />;
  return <>{error !== null && <Stale at={of.at} />}{children(data)}</>;
}

function Gone({ title, text, back }: {
  title: string;
  text: string;
  back: { to: string; text: string } | undefined;
}): JSX.Element {
  return <Empty title={title} action={back && <Link class="button plain" to={back.to}>{back.text}</Link>}><p>{text}</p></Empty>;
}

function Stale({ at }: { at: number }): JSX.Element {
  return <p class="strip warn" role="status"><Icon name="clock" /> {common.staleSince(span(now.value - at))}</p>;
}
