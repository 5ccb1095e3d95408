// What operators look at: clients, brokers, the cluster, performance. One file of the build.
import "../shell/shared";
import "./parts";

export { BrokerList, BrokerPage } from "./brokers";
export { ClientsPage } from "./clients";
export { ClusterPage } from "./cluster";
export { ConnectionPage } from "./connection";
export { PerformancePage } from "./performance";
