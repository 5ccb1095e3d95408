// Who is asking, and what they may do.

import type { Ms } from "./basics";

export type Feature =
  | "topics" | "groups" | "clients" | "performance" | "audit" | "segments" | "records";

/** GET /session. POST /logout ends it (204). Changes carry its csrf_token as X-CSRF-Token. */
export interface Session {
  principal: string;
  auth: "none" | "password" | "certificate";
  read_only: boolean;
  /** Listens beyond this machine without encryption or authentication. */
  insecure: boolean;
  csrf_token: string;
  expires_ms: Ms;
  cluster_id: string;
  cluster_label: string;
  cluster_colour: string;
  broker_id: number;
  version: string;
  features: string[];
  cluster_operations: string[];
}
