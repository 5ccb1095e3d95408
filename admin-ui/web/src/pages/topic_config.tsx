// A topic's settings.
import type { JSX } from "preact";
import type { ConfigEffects, ConfigEntry, List } from "../api";
import { get, messageOf, part, post, session } from "../core/client";
import { useResource } from "../core/resource";
import { configCommand, ConfigEditor } from "../ui/config_editor";
import { topics as words } from "../en/topics";
import { Shown } from "../ui/states";
import { tell } from "../ui/toast";
import { exportTopics } from "./set_config";

export function TopicConfig({ topic }: { topic: string }): JSX.Element {
  const path = `/topics/${part(topic)}/configs`;
  const configs = useResource(path, (signal) => get<List<ConfigEntry>>(path, {}, signal));
  return (
    <Shown of={configs}>
      {({ data }) => (
        <ConfigEditor entries={data} own={["DYNAMIC_TOPIC_CONFIG"]} canChange={session.value?.read_only === false}
          preview={(change) => post<ConfigEffects>(`${path}:preview`, change)} alter={(change) => post<ConfigEffects>(`${path}:alter`, change)}
          command={(changes) => configCommand(`--entity-type topics --entity-name ${topic}`, changes)} onApplied={configs.reload}
          fileName={topic} files={[{ text: words.exportYaml, run: () => void exportTopics([topic]).catch((problem: unknown) => tell(messageOf(problem))) }]} />
      )}
    </Shown>
  );
}
