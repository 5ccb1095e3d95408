// JSON whose numbers keep the digits they were written with, so that 9007199254740993 and 0.10 are
// shown as stored. Duplicate keys and lone surrogates survive too. Nesting is bounded.

export type Json =
  | { kind: "object"; members: [string, Json][] }
  | { kind: "array"; items: Json[] }
  | { kind: "string"; text: string }
  | { kind: "number"; lexeme: string }
  /** true, false, null; of other formats also what JSON has no word for, such as NaN. */
  | { kind: "literal"; text: string };

export class JsonError extends Error {
  constructor(message: string, readonly at: number) {
    super(`${message} at character ${at}`);
  }
}

export const depthMax = 512;

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const plain = /[^"\\\u0000-\u001f]*/y;
const space = /[ \t\r\n]*/y;
const escapes: Record<string, string> =
  { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

class Parser {
  private at = 0;
  constructor(private readonly text: string) {}

  whole(): Json {
    const value = this.value(0);
    this.skipSpace();
    if (this.at < this.text.length) throw new JsonError("unexpected text after the value", this.at);
    return value;
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }
  private skipSpace(): void {
    this.match(space);
  }
  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    ++this.at;
    return true;
  }
  private need(character: string): void {
    if (!this.take(character)) throw new JsonError(`expected ${character}`, this.at);
  }

  private value(depth: number): Json {
    if (depth > depthMax) throw new JsonError(`nested deeper than ${depthMax}`, this.at);
    this.skipSpace();
    switch (this.text[this.at]) {
      case "{": return this.object(depth);
      case "[": return this.array(depth);
      case '"': return { kind: "string", text: this.string() };
      case "t": return this.literal("true");
      case "f": return this.literal("false");
      case "n": return this.literal("null");
      default: {
        const start = this.at;
        const lexeme = this.match(number);
        if (lexeme === "") throw new JsonError("expected a value", start);
        return { kind: "number", lexeme };
      }
    }
  }

  private literal(text: "true" | "false" | "null"): Json {
    if (!this.text.startsWith(text, this.at)) throw new JsonError("expected a value", this.at);
    this.at += text.length;
    return { kind: "literal", text };
  }

  private object(depth: number): Json {
    const members: [string, Json][] = [];
    ++this.at;
    this.skipSpace();
    if (this.take("}")) return { kind: "object", members };
    do {
      this.skipSpace();
      const key = this.string();
      this.skipSpace();
      this.need(":");
      members.push([key, this.value(depth + 1)]);
      this.skipSpace();
    } while (this.take(","));
    this.need("}");
    return { kind: "object", members };
  }

  private array(depth: number): Json {
    const items: Json[] = [];
    ++this.at;
    this.skipSpace();
    if (this.take("]")) return { kind: "array", items };
    do {
      items.push(this.value(depth + 1));
      this.skipSpace();
    } while (this.take(","));
    this.need("]");
    return { kind: "array", items };
  }

  private string(): string {
    this.need('"');
    let out = "";
    for (;;) {
      out += this.match(plain);
      if (this.take('"')) return out;
      if (!this.take("\\")) throw new JsonError("unfinished string", this.at);
      const escape = this.text[this.at++] ?? "";
      if (escape === "u") {
        const code = this.text.slice(this.at, this.at + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(code)) throw new JsonError("bad \\u escape", this.at);
        out += String.fromCharCode(parseInt(code, 16));
        this.at += 4;
      } else {
        const character = escapes[escape];
        if (character === undefined) throw new JsonError("bad escape", this.at - 1);
        out += character;
      }
    }
  }
}

export function parseJson(text: string): Json {
  return new Parser(text).whole();
}

/** Null when the text is no JSON. */
export function tryJson(text: string): Json | null {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}

export function print(json: Json, indent = 2, level = 0): string {
  const open = indent > 0 ? `\n${" ".repeat(indent * (level + 1))}` : "";
  const close = indent > 0 ? `\n${" ".repeat(indent * level)}` : "";
  const list = (parts: string[]) => open + parts.join(`,${open}`) + close;
  switch (json.kind) {
    case "string": return JSON.stringify(json.text);
    case "number": return json.lexeme;
    case "literal": return json.text;
    case "array":
      return json.items.length === 0 ? "[]" : `[${list(json.items.map((item) => print(item, indent, level + 1)))}]`;
    case "object": {
      const colon = indent > 0 ? ": " : ":";
      const member = ([key, value]: [string, Json]) => JSON.stringify(key) + colon + print(value, indent, level + 1);
      return json.members.length === 0 ? "{}" : `{${list(json.members.map(member))}}`;
    }
  }
}

/** $.order.items[0]["a b"] */
export function childPath(parent: string, key: string | number): string {
  if (typeof key === "number") return `${parent}[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${parent}.${key}` : `${parent}[${JSON.stringify(key)}]`;
}
