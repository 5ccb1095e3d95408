// How this browser likes it.
import type { JSX } from "preact";
import { density, forgetAll, shortcuts, theme, zone } from "../core/prefs";
import { settings as words } from "../en/system";
import { Button } from "../ui/button";
import { Check, Segmented } from "../ui/forms";
import { PageHead, Panel } from "../ui/page";
import { tell } from "../ui/toast";

export function SettingsPage(): JSX.Element {
  return (
    <>
      <PageHead title={words.title} sub={words.hint} />
      <Panel>
        <div class="setting"><span>{words.theme}</span><div>
          <Segmented label={words.theme} value={theme.value} onChange={(next) => (theme.value = next)}
            options={(["system", "light", "dark"] as const).map((value) => ({ value, text: words.themes[value] }))} />
        </div></div>
        <div class="setting"><span>{words.zone}</span><div>
          <Segmented label={words.zone} value={zone.value} onChange={(next) => (zone.value = next)}
            options={(["local", "utc"] as const).map((value) => ({ value, text: words.zones[value] }))} />
        </div></div>
        <div class="setting"><span>{words.density}</span><div>
          <Segmented label={words.density} value={density.value} onChange={(next) => (density.value = next)}
            options={(["comfortable", "compact"] as const).map((value) => ({ value, text: words.densities[value] }))} />
        </div></div>
        <div class="setting"><span>{words.shortcuts}</span>
          <Check checked={shortcuts.value} onChange={(on) => (shortcuts.value = on)}>{words.shortcutsOn}</Check></div>
        <div class="setting"><span>{words.forget}</span><div>
          <Button icon="trash" onClick={() => { forgetAll(); tell(words.forgotten); }}>{words.forgetButton}</Button>
        </div></div>
      </Panel>
    </>
  );
}
