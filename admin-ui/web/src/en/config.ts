// Words of the editor of settings.
import type { ConfigSource } from "../api";

export const config = {
  onlyOverrides: "Only overrides",
  filter: "Filter settings",
  none: "No setting matches.",
  sources: {
    DYNAMIC_TOPIC_CONFIG: "this topic", DYNAMIC_BROKER_CONFIG: "this broker", DYNAMIC_DEFAULT_BROKER_CONFIG: "all brokers",
    STATIC_BROKER_CONFIG: "broker\u2019s file", DEFAULT_CONFIG: "default", DYNAMIC_GROUP_CONFIG: "this group", UNKNOWN: "unknown",
  } as Record<ConfigSource, string>,
  edit: (name: string) => `Edit ${name}`,
  reset: (name: string) => `Back to the inherited value of ${name}`,
  undo: (name: string) => `Leave ${name} as it is`,
  needsRestart: "needs a restart: change it in the broker\u2019s file",
  sensitive: "hidden",
  notSet: "not set",
  valid: "Allowed",
  inherits: "Without it",
  pending: (n: number) => (n === 1 ? "1 change" : `${n} changes`),
  review: (n: number) => `Review (${n})`,
  discard: "Discard",
  reviewTitle: "Review changes",
  setting: "Setting",
  change: "Change",
  effect: "Effect",
  noEffect: "No effect on the data that is there now.",
  applied: (n: number) => (n === 1 ? "The setting was changed" : `${n} settings were changed`),
  whole: "A whole number.",
  inherited: "inherited",
  scope: "Applies to",
  scopes: { broker: "this broker", default: "all brokers" },
  unlimited: "unlimited",
};
