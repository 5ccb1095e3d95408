// The contract between the pages and the broker's console API: every request and answer that a page
// uses, under /api/v1. The server follows this file.
//
// Conventions: a Kafka int64 is a string (Exact); a time is epoch milliseconds (`*_ms`), a duration
// a number named `*_ms` or `*_us`; a rate is a number per second; what is not known is null; enums are
// Kafka's names. A list is {data, next}. Names in paths are percent-encoded; a group id that browsers
// would normalise (empty, ".", "..") goes as `/groups/-?id=...`.

export type * from "./audit";
export type * from "./basics";
export type * from "./brokers";
export type * from "./clients";
export type * from "./cluster";
export type * from "./configs";
export type * from "./groups";
export type * from "./performance";
export type * from "./records";
export type * from "./segments";
export type * from "./session";
export type * from "./stream";
export type * from "./topics";
