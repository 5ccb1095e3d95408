// What was changed through the console.

import type { Ms } from "./basics";

/** GET /audit?limit=&cursor= as List, newest first. */
export interface AuditEntry {
  at_ms: Ms;
  principal: string;
  remote: string;
  action: string;
  /** What it was done to: "topic orders", "group billing", "broker 1", "cluster". */
  target: string;
  /** The address that was asked. */
  path: string;
  status: number;
  message: string | null;
  request: unknown;
  before: unknown;
  request_id: string;
}
