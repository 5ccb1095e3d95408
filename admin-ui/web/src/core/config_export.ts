// Settings as files: Java properties, and YAML of one or several topics.

export type Setting = readonly [name: string, value: string];
export interface TopicFile {
  topic: string;
  partitions: number;
  replicationFactor: number;
  configs: readonly Setting[];
}

/** As java.util.Properties reads it. */
function propertyValue(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t").replace(/^ /, "\\ ");
}

export function toProperties(settings: readonly Setting[]): string {
  return settings.map(([name, value]) => `${name}=${propertyValue(value)}\n`).join("");
}

/** A JSON string is a YAML string, whatever is in it. */
export function toYaml(topics: readonly TopicFile[]): string {
  const lines = topics.flatMap(({ topic, partitions, replicationFactor, configs }) => [
    `  - name: ${JSON.stringify(topic)}`,
    `    partitions: ${partitions}`,
    `    replication_factor: ${replicationFactor}`,
    configs.length === 0 ? "    configs: {}" : "    configs:",
    ...configs.map(([name, value]) => `      ${name}: ${JSON.stringify(value)}`),
  ]);
  return `topics:\n${lines.join("\n")}\n`;
}
