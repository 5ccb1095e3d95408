// Saved views: names for what a page's address says (filter, order, search). A page is its path, so each
// topic's messages have their own.
import { remembered } from "./prefs";

export interface View {
  name: string;
  /** Without the question mark. */
  query: string;
}
type Views = Record<string, View[]>;

export const viewsMax = 50;
export const nameMax = 60;

const views = remembered<Views>("views", {});

export const viewsOf = (path: string): readonly View[] => views.value[path] ?? [];

function change(path: string, next: View[]): void {
  const { [path]: _, ...others } = views.value;
  views.value = next.length === 0 ? others : { ...others, [path]: next };
}

/** In place of the one of that name, if there is one. The oldest gives way when there are too many. */
export function saveView(path: string, view: View): void {
  const known = viewsOf(path);
  const isThere = known.some(({ name }) => name === view.name);
  change(path, isThere ? known.map((one) => (one.name === view.name ? view : one)) : [...known, view].slice(-viewsMax));
}

/** A view that has the new name already gives way. */
export function renameView(path: string, from: string, to: string): void {
  if (from === to) return;
  change(path, viewsOf(path).filter(({ name }) => name !== to).map((one) => (one.name === from ? { ...one, name: to } : one)));
}

export function deleteView(path: string, name: string): void {
  change(path, viewsOf(path).filter((one) => one.name !== name));
}
