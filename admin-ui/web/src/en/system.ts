// Words of audit, settings and about.
export const audit = {
  title: "Audit",
  columns: { at: "When", who: "Principal", from: "From", action: "Action", target: "Target", path: "Address", outcome: "Outcome", request: "Request" },
  none: "Nothing has been changed through this console.",
  done: "done",
  refused: "refused",
  detail: "Change",
  requested: "Asked for",
  before: "Before",
  nothing: "no body",
};

export const settings = {
  title: "Settings",
  hint: "Kept in this browser only.",
  theme: "Theme",
  themes: { system: "as the system", light: "light", dark: "dark" },
  zone: "Time zone",
  zones: { local: "this computer\u2019s", utc: "UTC" },
  density: "Rows",
  densities: { comfortable: "comfortable", compact: "compact" },
  shortcuts: "Single-key shortcuts",
  shortcutsOn: "g t, /, j, k and the others work everywhere",
  forget: "Local data",
  forgetButton: "Forget columns, stars, decoders and all settings",
  forgotten: "Forgotten. Reload to see it all as at first.",
};

export const about = {
  title: "About",
  product: "MambaMQ",
  version: "Version",
  cluster: "Cluster id",
  broker: "Broker",
  principal: "You are",
  links: "For machines",
  linkList: [
    ["openapi.json", "The API\u2019s description (OpenAPI)"], ["metrics", "Metrics for Prometheus"], ["healthz", "Is it alive?"], ["readyz", "Is it ready?"],
  ] as [string, string][],
  apis: "Kafka APIs",
  apiColumns: { key: "Key", api: "API", min: "From", max: "To" },
  licences: "Licences",
  licenceText: "MambaMQ is under the Apache License 2.0. These pages contain, each under the MIT licence:",
  parts: [
    ["Preact", "Jason Miller"], ["Preact Signals", "the Preact authors"], ["\u00b5Plot", "Leon Sorokin"],
  ] as [string, string][],
};
