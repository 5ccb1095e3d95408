// What this browser remembers: signals that live in localStorage. Nothing else is kept there.
import { effect, signal, type Signal } from "@preact/signals";
import type { Zone } from "./format";

const prefix = "mambamq.";

export function remembered<T>(name: string, initial: T): Signal<T> {
  const key = prefix + name;
  let value = initial;
  try {
    const stored = localStorage.getItem(key);
    if (stored !== null) value = JSON.parse(stored) as T;
  } catch {
    // Storage is switched off, or holds what an older version wrote: begin anew.
  }
  const box = signal(value);
  let first = true;
  effect(() => {
    const text = JSON.stringify(box.value);
    if (first) {
      first = false;
      return;
    }
    try {
      localStorage.setItem(key, text);
    } catch {
      // Then it is remembered until the page is closed.
    }
  });
  return box;
}

export function forgetAll(): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
}

export type Theme = "system" | "light" | "dark";
export type Density = "comfortable" | "compact";

export const theme = remembered<Theme>("theme", "system");
export const zone = remembered<Zone>("zone", "local");
export const density = remembered<Density>("density", "comfortable");
export const shortcuts = remembered<boolean>("shortcuts", true);
export const refreshMs = remembered<number>("refresh_ms", 5000);
/** Stops everything that moves by itself. */
export const paused = signal(false);

/** As drawn: the system's choice resolved. */
const darkQuery = window.matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(darkQuery.matches);
darkQuery.addEventListener("change", (event) => (systemDark.value = event.matches));
export const isDark = (): boolean => (theme.value === "system" ? systemDark.value : theme.value === "dark");

export function applyAppearance(): void {
  effect(() => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    document.documentElement.dataset.density = density.value;
  });
}
