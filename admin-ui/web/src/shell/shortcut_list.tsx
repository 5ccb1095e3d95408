// The keyboard map.
import type { JSX } from "preact";
import { common } from "../en/common";
import { shell } from "../en/shell";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";

export function ShortcutList({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title={shell.shortcuts} onClose={onClose} actions={<Button onClick={onClose}>{common.close}</Button>}>
      <dl class="shortcuts">
        {shell.shortcutList.map(([keys, text]) => (
          <div key={keys}>
            <dt>{keys.split(" ").filter((key) => key !== "").map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">{shell.shortcutsOff}</p>
    </Dialog>
  );
}
