// What a page has fetched: the newest answer, its age, and what went wrong with the last try.
//
// An answer stays on the page while a newer one is fetched or fails; a 404 after an answer means that
// the thing is gone. Polling rests while the tab is hidden or the page is paused.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, messageOf } from "./client";
import { paused } from "./prefs";

export interface Resource<T> {
  data: T | null;
  error: ApiError | null;
  /** The first answer is still to come. */
  loading: boolean;
  /** It was there, and is no longer. */
  gone: boolean;
  at: number;
  reload: () => void;
  /** Shows a value at once, such as what a change answered. */
  set: (data: T) => void;
}

interface State<T> {
  key: string;
  data: T | null;
  error: ApiError | null;
  at: number;
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({
    status: 0, kafka_code: null, kafka_name: null, message: messageOf(error), detail: null, request_id: "",
  });
}

/** `key` names what is fetched: another key begins anew. `every` 0: once. */
export function useResource<T>(key: string, load: (signal: AbortSignal) => Promise<T>, every = 0): Resource<T> {
  const [state, setState] = useState<State<T>>({ key, data: null, error: null, at: 0 });
  const current = useRef(key);
  const loader = useRef(load);
  loader.current = load;
  const abort = useRef<AbortController | null>(null);
  const asking = useRef(false);

  const reload = useCallback(() => {
    abort.current?.abort();
    const controller = new AbortController();
    abort.current = controller;
    asking.current = true;
    loader.current(controller.signal).then(
      (data) => {
        if (controller.signal.aborted) return;
        asking.current = false;
        setState({ key, data, error: null, at: Date.now() });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        asking.current = false;
        setState((old) => ({ ...(old.key === key ? old : { data: null, at: 0 }), key, error: asApiError(error) }));
      },
    );
  }, [key]);

  useEffect(() => {
    current.current = key;
    reload();
    // An answer that takes longer than `every` is waited for: asking anew would never let it come.
    const timer = every > 0
      ? setInterval(() => {
          if (!document.hidden && !paused.value && !asking.current) reload();
        }, every)
      : undefined;
    const leave = (): void => abort.current?.abort();
    window.addEventListener("console:refresh", reload);
    window.addEventListener("pagehide", leave);
    return () => {
      clearInterval(timer);
      window.removeEventListener("console:refresh", reload);
      window.removeEventListener("pagehide", leave);
      abort.current?.abort();
    };
  }, [key, every, reload]);

  const fresh = state.key === key;
  const data = fresh ? state.data : null;
  const error = fresh ? state.error : null;
  return {
    data,
    error,
    loading: data === null && error === null,
    gone: data !== null && error?.status === 404,
    at: state.at,
    reload,
    set: (value: T) => setState({ key, data: value, error: null, at: Date.now() }),
  };
}

/** What `r` does: all that is on the page is fetched again. */
export function refreshAll(): void {
  window.dispatchEvent(new Event("console:refresh"));
}
