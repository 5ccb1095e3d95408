// Fields of forms: a label, a control, a hint or what is wrong.
import type { ComponentChildren, JSX } from "preact";

export function Field({ name, hint, error, children }: {
  name: string;
  hint?: ComponentChildren;
  error?: string | null;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <label class="field">
      <span>{name}</span>
      {children}
      {error ? <small class="error">{error}</small> : hint ? <small>{hint}</small> : null}
    </label>
  );
}

export interface Option<T extends string> {
  value: T;
  text: string;
}

export function Select<T extends string>({ value, options, onChange, label, disabled }: {
  value: T;
  options: readonly Option<T>[];
  onChange: (value: T) => void;
  label?: string;
  disabled?: boolean;
}): JSX.Element {
  return (
    <select value={value} aria-label={label} disabled={disabled} onChange={(event) => onChange(event.currentTarget.value as T)}>
      {options.map((option) => <option key={option.value} value={option.value}>{option.text}</option>)}
    </select>
  );
}

export function Text({ value, onChange, label, placeholder, mono = false, wide = false, type = "text", onEnter, list, invalid }: {
  value: string;
  onChange: (value: string) => void;
  label?: string;
  placeholder?: string;
  mono?: boolean;
  wide?: boolean;
  type?: "text" | "search" | "number";
  onEnter?: () => void;
  list?: string;
  invalid?: boolean;
}): JSX.Element {
  return (
    <input type={type} value={value} aria-label={label} placeholder={placeholder} spellcheck={false} autocomplete="off" list={list}
      class={`${mono ? "mono" : ""} ${wide ? "wide" : ""}`} aria-invalid={invalid || undefined}
      onInput={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => { if (event.key === "Enter") onEnter?.(); }} />
  );
}

/** One of a few, side by side. */
export function Segmented<T extends string>({ value, options, onChange, label }: {
  value: T;
  options: readonly Option<T>[];
  onChange: (value: T) => void;
  label: string;
}): JSX.Element {
  return (
    <div class="segmented" role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" aria-pressed={option.value === value} onClick={() => onChange(option.value)}>
          {option.text}
        </button>
      ))}
    </div>
  );
}

export function Check({ checked, onChange, children, disabled }: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ComponentChildren;
  disabled?: boolean;
}): JSX.Element {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{children}</span>
    </label>
  );
}

/** A filter that is on or off. */
export function Toggle({ on, onChange, children, title }: {
  on: boolean;
  onChange: (on: boolean) => void;
  children: ComponentChildren;
  title?: string;
}): JSX.Element {
  return <button type="button" class="toggle" aria-pressed={on} title={title} onClick={() => onChange(!on)}>{children}</button>;
}
