// What the bytes of a record may be, as a file of its own that is loaded with the first record that is opened:
// by the page, for values that are decoded in no time, and by a Web Worker (core/decoding.ts) for the rest.
import { decode } from "./core/decode";

export { decode };

if (typeof document === "undefined") {
  self.onmessage = ({ data }: MessageEvent<Parameters<typeof decode>>) => self.postMessage(decode(...data));
}
