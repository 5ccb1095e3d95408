// A button that opens a list of actions, or any small panel, below it.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "./button";
import type { IconName } from "./icon";

export function Popover({ icon, label, text, children, look = "plain" }: {
  icon?: IconName;
  label: string;
  text?: string;
  look?: "plain" | "quiet" | "primary";
  children: (close: () => void) => ComponentChildren;
}): JSX.Element {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const onPointer = (event: PointerEvent): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      setOpen(false);
      root.current?.querySelector("button")?.focus();
    };
    document.addEventListener("pointerdown", onPointer);
    document.addEventListener("keydown", onKey, true);
    return () => {
      document.removeEventListener("pointerdown", onPointer);
      document.removeEventListener("keydown", onKey, true);
    };
  }, [open]);
  return (
    <div class="popover" ref={root} onClick={(event) => event.stopPropagation()}>
      <Button icon={icon} look={look} expanded={open} onClick={() => setOpen(!open)} {...(text ? { title: label } : { label })}>{text}</Button>
      {open && <div class="popover-panel">{children(() => setOpen(false))}</div>}
    </div>
  );
}

export interface MenuItem {
  text: string;
  icon?: IconName;
  danger?: boolean;
  run: () => void;
}
export function Menu({ items, label, icon = "more", text }: {
  items: readonly MenuItem[];
  label: string;
  icon?: IconName;
  text?: string;
}): JSX.Element {
  return (
    <Popover icon={icon} label={label} {...(text ? { text } : { look: "quiet" as const })}>
      {(close) => (
        <ul class="menu">
          {items.map((item) => (
            <li key={item.text}>
              <Button look="quiet" icon={item.icon} onClick={() => { close(); item.run(); }}>
                <span class={item.danger ? "crit" : undefined}>{item.text}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}
