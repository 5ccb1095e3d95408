// Buttons, links that look like them, and what copies.
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { href } from "../core/router";
import { common } from "../en/common";
import { Icon, type IconName } from "./icon";

type Look = "plain" | "primary" | "danger" | "quiet";

interface Face {
  icon?: IconName | undefined;
  look?: Look;
  title?: string | undefined;
  /** For a button that shows nothing but its icon. */
  label?: string;
  children?: ComponentChildren;
}

function face({ icon, children }: Face): JSX.Element {
  return <>{icon && <Icon name={icon} />}{children}</>;
}

export function Button(props: Face & {
  onClick?: (event: MouseEvent) => void;
  disabled?: boolean;
  type?: "button" | "submit";
  pressed?: boolean;
  expanded?: boolean;
  autofocus?: boolean;
}): JSX.Element {
  return (
    <button type={props.type ?? "button"} class={`button ${props.look ?? "plain"}${props.children ? "" : " bare"}`}
      onClick={props.onClick} disabled={props.disabled} title={props.title ?? props.label} aria-label={props.label}
      aria-pressed={props.pressed} aria-expanded={props.expanded} autofocus={props.autofocus}>
      {face(props)}
    </button>
  );
}

export function LinkButton(props: Face & { to: string }): JSX.Element {
  return (
    <a class={`button ${props.look ?? "plain"}`} href={href(props.to)} title={props.title ?? props.label} aria-label={props.label}>
      {face(props)}
    </a>
  );
}

export function Link({ to, title, children, class: name }: {
  to: string;
  title?: string;
  class?: string;
  children: ComponentChildren;
}): JSX.Element {
  return <a href={href(to)} title={title} class={name}>{children}</a>;
}

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export function CopyButton({ text, label = common.copy, children }: {
  text: string | (() => string);
  label?: string;
  children?: ComponentChildren;
}): JSX.Element {
  const [copied, setCopied] = useState(false);
  const onClick = async (event: MouseEvent): Promise<void> => {
    event.stopPropagation();
    if (!(await copyText(typeof text === "string" ? text : text()))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 1200);
  };
  return (
    <Button look="quiet" icon={copied ? "check" : "copy"} label={copied ? common.copied : label} onClick={onClick}>
      {children}
    </Button>
  );
}

/** A command that does the same, folded away. */
export function CommandLine({ text, open = false }: { text: string; open?: boolean }): JSX.Element {
  return (
    <details class="command" open={open}>
      <summary>{common.commandLine}</summary>
      <div class="command-body"><pre tabIndex={0}>{text}</pre><CopyButton text={text} /></div>
    </details>
  );
}
