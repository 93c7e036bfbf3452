import * as z from "zod";

const wire = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().default(""),
  fields: z.record(z.string(), z.string()).nullish(),
});

/** A refusal of the core: a code for us, sentences for people, wrong fields by path. */
export class BridgeError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly fields: Readonly<Record<string, string>>;

  constructor(parts: { code: string; message: string; hint?: string; fields?: Record<string, string> }) {
    super(parts.message);
    this.name = "BridgeError";
    this.code = parts.code;
    this.hint = parts.hint ?? "";
    this.fields = parts.fields ?? {};
  }

  /**
   * Reads whatever a bound method rejected with. Errors cross as one JSON
   * string; anything else (an older build, a fault of the host) becomes an
   * internal error that keeps its text.
   */
  static from(cause: unknown): BridgeError {
    if (cause instanceof BridgeError) return cause;
    const text = cause instanceof Error ? cause.message : typeof cause === "string" ? cause : "";
    try {
      const read = wire.safeParse(JSON.parse(text));
      if (read.success) return new BridgeError({ ...read.data, fields: read.data.fields ?? {} });
    } catch {
      // Not JSON: told below as it came.
    }
    return new BridgeError({ code: "internal", message: text });
  }
}
