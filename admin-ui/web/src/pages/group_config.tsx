// A group's settings.
import type { JSX } from "preact";
import type { ConfigEffects, ConfigEntry, List } from "../api";
import { get, groupPath, post, session } from "../core/client";
import { useResource } from "../core/resource";
import { configCommand, ConfigEditor } from "../ui/config_editor";
import { Shown } from "../ui/states";

export function GroupConfig({ group }: { group: string }): JSX.Element {
  const configs = useResource(`group configs ${group}`, (signal) => get<List<ConfigEntry>>(groupPath(group, "/configs"), {}, signal));
  const alterPath = groupPath(group, "/configs:alter");
  return (
    <Shown of={configs}>
      {({ data }) => (
        <ConfigEditor entries={data} own={["DYNAMIC_GROUP_CONFIG"]} canChange={session.value?.read_only === false}
          preview={(change) => post<ConfigEffects>(alterPath, change)} alter={(change) => post<ConfigEffects>(alterPath, change)}
          command={(changes) => configCommand(`--entity-type groups --entity-name ${group}`, changes)} onApplied={configs.reload} fileName={`group-${group}`} />
      )}
    </Shown>
  );
}
