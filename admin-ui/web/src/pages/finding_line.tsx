// Something that is not well: a sign, a sentence, a link to the culprit.
import type { JSX } from "preact";
import type { Finding } from "../api";
import { Link } from "../ui/button";
import { Status, toneOf } from "../ui/status";
import { Ago } from "../ui/values";

export function FindingLine({ finding }: { finding: Finding }): JSX.Element {
  return (
    <li>
      <Status tone={toneOf(finding.severity)}>
        {finding.link ? <Link to={finding.link}>{finding.text}</Link> : <span>{finding.text}</span>}
      </Status>
      {finding.since_ms !== null && <span class="muted"> · <Ago ms={finding.since_ms} /></span>}
    </li>
  );
}

/** TOPIC_CREATED becomes "topic created". */
export const eventName = (type: string): string => type.replaceAll("_", " ").toLowerCase();
