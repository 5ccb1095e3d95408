// What operators look at: clients, brokers, performance. One file of the build.
import "../shell/shared";
import "./parts";

export { BrokerList, BrokerPage } from "./brokers";
export { ClientsPage } from "./clients";
export { ConnectionPage } from "./connection";
export { PerformancePage } from "./performance";
