// What was changed through the console.

import type { Ms } from "./basics";

/** GET /audit?limit=&cursor= as List, newest first. */
export interface AuditEntry {
  at_ms: Ms;
  principal: string;
  remote: string;
  action: string;
  target: string;
  status: number;
  message: string | null;
  request: unknown;
  before: unknown;
  request_id: string;
}
