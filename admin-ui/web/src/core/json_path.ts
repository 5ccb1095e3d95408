// Looks a path such as $.order.items[0]["a b"] up in a JSON value.
import type { Json } from "./lossless_json";

const step = /\.([A-Za-z_$][\w$]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;

export function at(json: Json, path: string): Json | null {
  let here: Json = json;
  step.lastIndex = path.startsWith("$") ? 1 : 0;
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    if (!match) return null;
    const [, plain, index, quoted] = match;
    let next: Json | undefined;
    if (index !== undefined) {
      if (here.kind === "array") next = here.items[Number(index)];
    } else if (here.kind === "object") {
      const key = plain ?? (JSON.parse(quoted ?? '""') as string);
      next = here.members.find(([name]) => name === key)?.[1];
    }
    if (next === undefined) return null;
    here = next;
  }
  return here;
}
