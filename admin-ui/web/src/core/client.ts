// Talks to /api/v1. Every failure is an ApiError whose message is a sentence.
import { signal } from "@preact/signals";
import type { ApiErrorInfo, ErrorBody, Session } from "../api";

export class ApiError extends Error {
  constructor(readonly info: ApiErrorInfo) {
    super(info.message);
  }
  get status(): number {
    return this.info.status;
  }
}

export const session = signal<Session | null>(null);

/** The URL of a path below the place that the page was loaded from. */
export function urlOf(path: string): string {
  return new URL(path.replace(/^\//, ""), document.baseURI).href;
}
export const apiUrl = (path: string): string => urlOf(`api/v1${path}`);

export type Query = Record<string, string | number | boolean | string[] | null | undefined>;

export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value == null) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${text}`;
}

function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === "object" && body !== null && "error" in body && typeof body.error === "object";
}

function unexplained(status: number, message: string): ApiError {
  return new ApiError({ status, kafka_code: null, kafka_name: null, message, detail: null, request_id: "" });
}

async function failure(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  try {
    const body: unknown = JSON.parse(text);
    if (isErrorBody(body)) return new ApiError({ ...body.error, status: body.error.status ?? response.status });
  } catch {
    // Not ours: a proxy's page, or nothing. The status has to do.
  }
  return unexplained(response.status, `The server answered ${response.status} ${response.statusText}`.trim());
}

async function request(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") {
    headers["Content-Type"] = "application/json";
    headers["X-CSRF-Token"] = session.value?.csrf_token ?? "";
  }
  let response: Response;
  try {
    response = await fetch(apiUrl(path), {
      method,
      headers,
      credentials: "same-origin",
      body: method === "GET" ? null : JSON.stringify(body ?? {}),
      signal: signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unexplained(0, "The broker cannot be reached.");
  }
  if (!response.ok) throw await failure(response);
  return response;
}

async function json<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return json<T>(await request("GET", withQuery(path, query), undefined, signal));
}

/** A change, or a preview of one. A session that ended meanwhile is renewed once. */
export async function send<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<T> {
  try {
    return await json<T>(await request(method, path, body));
  } catch (error) {
    const isStale = error instanceof ApiError && error.status === 403 && error.info.kafka_name === null;
    const before = session.value?.csrf_token;
    if (!isStale || session.value?.read_only) throw error;
    await loadSession();
    if (session.value?.csrf_token === before) throw error;
    return json<T>(await request(method, path, body));
  }
}

export async function post<T>(path: string, body?: unknown): Promise<T> {
  return send<T>("POST", path, body);
}

/** A POST whose answer comes bit by bit. */
export async function openStream(path: string, body: unknown, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const response = await request("POST", path, body, signal);
  if (response.body === null) throw unexplained(response.status, "The answer has no body.");
  return response.body;
}

export async function loadSession(): Promise<Session> {
  const fresh = await get<Session>("/session");
  session.value = fresh;
  return fresh;
}

/** Of a topic or a group, as a part of a path. */
export const part = (name: string): string => encodeURIComponent(name);

/** Browsers normalise "." and "..", encoded or not, and drop an empty part. */
const isAwkward = (id: string): boolean => id === "" || id === "." || id === "..";

/** "/groups/g/offsets", or "/groups/-/offsets?id=.." for ids that a path cannot carry. */
export function groupPath(group: string, rest = ""): string {
  return isAwkward(group) ? `/groups/-${rest}?id=${part(group)}` : `/groups/${part(group)}${rest}`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
