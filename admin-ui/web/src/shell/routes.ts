// Which page belongs to which path. A page is loaded when it is first gone to.
import type { FunctionComponent } from "preact";
import { match, type Params } from "../core/router";

export type PageComponent = FunctionComponent<{ params: Params }>;
/** Pages by name, and whatever else the module has. */
type PageModule = object;
export interface Route {
  pattern: string;
  load: () => Promise<PageModule>;
  /** Which export of the module. */
  page: string;
}

const home = (): Promise<PageModule> => import("../pages/home");
const topics = (): Promise<PageModule> => import("../pages/topics");
const topic = (): Promise<PageModule> => import("../pages/topic");
const messages = (): Promise<PageModule> => import("../pages/messages");
const groups = (): Promise<PageModule> => import("../pages/groups");
const operate = (): Promise<PageModule> => import("../pages/operate");

const topicTabs = ["", "/partitions", "/config", "/groups", "/producers", "/segments", "/metrics"];
const groupTabs = ["", "/offsets", "/members", "/history", "/config"];
const clientTabs = ["", "/connections", "/producers", "/software"];
const brokerTabs = ["", "/config", "/partitions", "/logdirs", "/runtime"];
const clusterTabs = ["", "/quorum", "/config", "/features"];
const performanceTabs = ["", "/requests", "/waiting", "/slow", "/storage"];

const each = (base: string, tabs: readonly string[], load: Route["load"], page: string): Route[] =>
  tabs.map((tab) => ({ pattern: base + tab, load, page }));

export const routes: readonly Route[] = [
  { pattern: "/", load: home, page: "Overview" },
  { pattern: "/overview", load: home, page: "Overview" },
  { pattern: "/topics", load: topics, page: "TopicList" },
  { pattern: "/topics/new", load: topic, page: "CreateTopicPage" },
  { pattern: "/topics/:topic/messages", load: messages, page: "Messages" },
  ...each("/topics/:topic", topicTabs, topic, "TopicPage"),
  { pattern: "/topics/:topic/partitions/:partition", load: topic, page: "SegmentsPage" },
  { pattern: "/topics/:topic/partitions/:partition/segments/:base", load: topic, page: "SegmentPage" },
  { pattern: "/topics/:topic/partitions/:partition/segments/:base/batches/:offset", load: topic, page: "BatchPage" },
  { pattern: "/topics/:topic/p/:partition/o/:offset", load: messages, page: "RecordPage" },
  { pattern: "/produce", load: messages, page: "ProducePage" },
  { pattern: "/groups", load: groups, page: "GroupList" },
  ...each("/groups/:group", groupTabs, groups, "GroupPage"),
  { pattern: "/groups/:group/reset", load: groups, page: "ResetPage" },
  ...each("/clients", clientTabs, operate, "ClientsPage"),
  { pattern: "/clients/connections/:id", load: operate, page: "ConnectionPage" },
  { pattern: "/brokers", load: operate, page: "BrokerList" },
  ...each("/brokers/:broker", brokerTabs, operate, "BrokerPage"),
  ...each("/cluster", clusterTabs, operate, "ClusterPage"),
  ...each("/performance", performanceTabs, operate, "PerformancePage"),
  { pattern: "/audit", load: home, page: "AuditPage" },
  { pattern: "/settings", load: home, page: "SettingsPage" },
  { pattern: "/about", load: home, page: "AboutPage" },
];

export function findRoute(path: string): { route: Route; params: Params } | null {
  for (const route of routes) {
    const params = match(route.pattern, path);
    if (params !== null) return { route, params };
  }
  return null;
}
