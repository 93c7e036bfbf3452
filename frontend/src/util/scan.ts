/** Tells a barcode scanner, which types like a keyboard, from a person who does. */

/** A scanner types a character every few milliseconds; nobody keeps this up. */
export const SCAN_GAP_MS = 50;
/** Shorter ones are slips of a hand, and no code of ours. */
const SHORTEST = 5;
const LONGEST = 128;

/** Collects keys by their times, until Enter ends a burst of them. */
export class ScanReader {
  private text = "";
  private last = -Infinity;

  /** The code that this key ends, else null. */
  read(key: string, at: number): string | null {
    const gap = at - this.last;
    this.last = at;
    if (key === "Enter") {
      const code = gap <= SCAN_GAP_MS && this.text.length >= SHORTEST ? this.text : null;
      this.text = "";
      return code;
    }
    if (key.length !== 1) {
      // Shift comes before each capital letter of a scanner.
      if (key !== "Shift") this.text = "";
      return null;
    }
    this.text = gap <= SCAN_GAP_MS && this.text.length < LONGEST ? this.text + key : key;
    return null;
  }

  /** Whether the last key began what may be a burst. */
  get begun(): boolean {
    return this.text.length === 1;
  }
}

/**
 * Whether a burst that went into a field is a record's code. There, a robot or a
 * very quick hand is taken for what it is unless it typed a number such as
 * INV-00042, a UUID or a Salesforce id.
 */
export function looksLikeRecord(code: string): boolean {
  return (
    /^[A-Za-z]{2,5}-\d{3,}$/.test(code) ||
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(code) ||
    /^[0a][0-9A-Za-z]{14}([0-9A-Za-z]{3})?$/.test(code)
  );
}
