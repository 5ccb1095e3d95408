// Names of decoders, as they are chosen; what they do is decode.ts, which pages load with the first record.
export const decoderNames = ["json", "text", "int32", "int64", "uuid", "msgpack", "cbor", "hex"] as const;
export type DecoderName = (typeof decoderNames)[number];
