// Modal dialogs on the native element, which keeps the focus inside and gives it back.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Results, TargetResult } from "../api";
import { ApiError, messageOf } from "../core/client";
import { common } from "../en/common";
import { Button, CommandLine } from "./button";
import { Icon } from "./icon";
import { Problem } from "./states";

export function Dialog({ title, tone, wide = false, onClose, children, actions }: {
  title: string;
  tone?: "danger";
  wide?: boolean;
  onClose: () => void;
  children: ComponentChildren;
  actions: ComponentChildren;
}): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} class={`dialog ${tone ?? ""} ${wide ? "wide" : ""}`} aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <header><h2 id={id}>{title}</h2><Button look="quiet" icon="close" label={common.close} onClick={onClose} /></header>
      <div class="dialog-body">{children}</div>
      <footer>{actions}</footer>
    </dialog>
  );
}

export function useAction(): {
  busy: boolean;
  error: ApiError | string | null;
  /** Runs one thing at a time; a failure is kept for the form to show. */
  run: (action: () => Promise<void>) => Promise<void>;
  setError: (error: ApiError | string | null) => void;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | string | null>(null);
  const alive = useRef(true);
  useEffect(() => () => { alive.current = false; }, []);
  const run = async (action: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await action();
    } catch (problem) {
      if (alive.current) setError(problem instanceof ApiError ? problem : messageOf(problem));
    } finally {
      if (alive.current) setBusy(false);
    }
  };
  return { busy, error, run, setError };
}

/** What cannot be undone: the blast radius, a word to type, and the outcome for each target. */
export function DangerDialog({ title, word, verb, targets, command, children, run, onClose, onDone }: {
  title: string;
  /** To be typed. */
  word: string;
  /** On the red button. */
  verb: string;
  targets: readonly string[];
  command: string;
  children: ComponentChildren;
  run: () => Promise<Results>;
  onClose: () => void;
  /** Once all went well, or when the outcome is closed. */
  onDone: () => void;
}): JSX.Element {
  const [typed, setTyped] = useState("");
  const [results, setResults] = useState<TargetResult[] | null>(null);
  const { busy, error, run: act } = useAction();
  const shownMax = 20;
  const go = () => act(async () => {
    const outcome = (await run()).results;
    if (outcome.every((one) => one.status < 400)) onDone();
    else setResults(outcome);
  });
  if (results !== null) {
    return (
      <Dialog title={common.results} onClose={onDone} actions={<Button onClick={onDone}>{common.close}</Button>}>
        <ResultList results={results} />
      </Dialog>
    );
  }
  const matches = typed === word;
  return (
    <Dialog title={title} tone="danger" onClose={onClose} actions={<>
      <Button onClick={onClose} autofocus>{common.cancel}</Button>
      <Button look="danger" disabled={!matches || busy} onClick={go}>{verb}</Button>
    </>}>
      {children}
      {targets.length > 1 && (
        <ul class="targets">
          {targets.slice(0, shownMax).map((target) => <li key={target}><code>{target}</code></li>)}
          {targets.length > shownMax && <li class="muted">+{targets.length - shownMax}</li>}
        </ul>
      )}
      <label class="field">
        <span>{common.typeToConfirm("")}<code>{word}</code></span>
        <input value={typed} onInput={(event) => setTyped(event.currentTarget.value)} autocomplete="off" spellcheck={false}
          onKeyDown={(event) => { if (event.key === "Enter" && matches && !busy) void go(); }} />
      </label>
      <Problem error={error} />
      <CommandLine text={command} />
    </Dialog>
  );
}

export function ResultList({ results }: { results: readonly TargetResult[] }): JSX.Element {
  return (
    <ul class="results">
      {results.map((one) => (
        <li key={one.target} class={one.status < 400 ? "ok" : "crit"}>
          <Icon name={one.status < 400 ? "check" : "warning"} /> <code>{one.target}</code>{" "}
          {one.error ? `${one.error.message}${one.error.kafka_name ? ` (${one.error.kafka_name})` : ""}` : common.done}
        </li>
      ))}
    </ul>
  );
}
