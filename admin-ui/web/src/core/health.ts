// What is not well now, as the broker told it last.
import { signal } from "@preact/signals";
import type { Finding } from "../api";

export const findings = signal<readonly Finding[]>([]);
