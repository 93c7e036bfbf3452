import { describe, expect, it } from "vitest";
import { looksLikeRecord, ScanReader } from "~/util/scan";

/** Types a text with so many milliseconds between its keys; the codes that came of it. */
function type(reader: ScanReader, text: string, gap: number, from = 0): string[] {
  const keys = [...text].map((c) => (c === "\n" ? "Enter" : c));
  return keys.flatMap((key, i) => reader.read(key, from + i * gap) ?? []);
}

describe("a burst of keys", () => {
  it("is a scan when it ends with Enter", () => {
    expect(type(new ScanReader(), "INV-00002\n", 8)).toEqual(["INV-00002"]);
  });

  it("is none when a person types it", () => {
    expect(type(new ScanReader(), "INV-00002\n", 90)).toEqual([]);
  });

  it("is none without Enter, or with one that comes late", () => {
    const reader = new ScanReader();
    expect(type(reader, "INV-00002", 8)).toEqual([]);
    expect(reader.read("Enter", 1_000)).toBeNull();
  });

  it("is none when it is too short to be a code", () => {
    expect(type(new ScanReader(), "abcd\n", 8)).toEqual([]);
  });

  it("begins after what a hand typed before it", () => {
    const reader = new ScanReader();
    type(reader, "12", 200);
    expect(type(reader, "INV-00002\n", 8, 1_000)).toEqual(["INV-00002"]);
  });

  it("ends at another key, but not at Shift", () => {
    const reader = new ScanReader();
    for (const [i, key] of ["A", "Shift", "C", "C", "-", "1", "2", "Enter"].entries()) {
      expect(reader.read(key, i * 8)).toBe(key === "Enter" ? "ACC-12" : null);
    }
    for (const [i, key] of ["A", "B", "C", "D", "Tab", "E", "Enter"].entries()) expect(reader.read(key, 900 + i * 8)).toBeNull();
  });

  it("comes twice as two", () => {
    expect(type(new ScanReader(), "INV-00002\nINV-00003\n", 8)).toEqual(["INV-00002", "INV-00003"]);
  });
});

describe("a code in a field", () => {
  it.each(["INV-00002", "acc-001", "0f4c2a51-7d7e-4c0a-9a51-6e1f2b7d9c11", "0015g00000XyZabAAF", "a0B5g00000XyZab"])("%s is a record's", (code) => {
    expect(looksLikeRecord(code)).toBe(true);
  });

  it.each(["demo123", "180.00", "Service visit", "284736", "4006381333931", "10442", "a-1"])("%s is what somebody typed", (text) => {
    expect(looksLikeRecord(text)).toBe(false);
  });
});
