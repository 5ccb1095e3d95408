// The overview, and the small pages: audit, settings, about. One file of the build.
import "../shell/shared";
import "./parts";

export { AboutPage } from "./about";
export { AuditPage } from "./audit";
export { Overview } from "./overview";
export { SettingsPage } from "./settings";
