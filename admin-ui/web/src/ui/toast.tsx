// What was done, told in passing at the edge of the page.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { Icon } from "./icon";

interface Toast {
  id: number;
  text: string;
  tone: "ok" | "crit";
}
const toasts = signal<Toast[]>([]);
let nextId = 1;

export function tell(text: string, tone: "ok" | "crit" = "ok"): void {
  const id = nextId++;
  toasts.value = [...toasts.value.slice(-3), { id, text, tone }];
  setTimeout(() => (toasts.value = toasts.value.filter((toast) => toast.id !== id)), tone === "ok" ? 4000 : 9000);
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast ${toast.tone}`}>
          <Icon name={toast.tone === "ok" ? "check" : "warning"} /> {toast.text}
        </div>
      ))}
    </div>
  );
}
