// What every kind of request and answer is made of.

/** An int64 as decimal text, so that no double rounds it. */
export type Exact = string;
/** Epoch milliseconds. */
export type Ms = number;

export interface List<T> {
  data: T[];
  /** Cursor of the next page (`?cursor=`), or null. */
  next: string | null;
}

/** The body of every answer with a status of 400 or more. */
export interface ErrorBody {
  error: ApiErrorInfo;
}
export interface ApiErrorInfo {
  status: number;
  kafka_code: number | null;
  kafka_name: string | null;
  message: string;
  detail: Record<string, unknown> | null;
  request_id: string;
}

/** One of the targets of a request that has many; HTTP 200 says only that all were tried. */
export interface TargetResult {
  target: string;
  status: number;
  error?: ApiErrorInfo;
}
export interface Results {
  results: TargetResult[];
}
