// Keys that work everywhere: single letters (which may be switched off), "g" and a letter, and Ctrl-K.
import { shortcuts } from "./prefs";

export interface Shortcut {
  /** "g t", "r", "?" */
  keys: string;
  run: () => void;
}

let pending = "";
let pendingTimer: ReturnType<typeof setTimeout> | undefined;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Returns how to stop listening. */
export function listenForKeys(all: readonly Shortcut[], openSearch: () => void): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openSearch();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !shortcuts.value) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const typed = pending === "" ? event.key : `${pending} ${event.key}`;
    clearTimeout(pendingTimer);
    pending = "";
    const found = all.find((one) => one.keys === typed);
    if (found !== undefined) {
      event.preventDefault();
      found.run();
    } else if (event.key === "g") {
      pending = "g";
      pendingTimer = setTimeout(() => (pending = ""), 1200);
    }
  };
  window.addEventListener("keydown", onKey);
  return () => window.removeEventListener("keydown", onKey);
}
