import { describe, expect, it } from "vitest";
import { daysAfter, readDate, typedDate } from "~/util/date";
import { formatMinor, minorToDecimal, typedMinor } from "~/util/money";
import { relativeTime } from "~/util/time";

describe("money for the eye", () => {
  it.each([
    [0, 2, "0.00"],
    [5, 2, "0.05"],
    [-5, 2, "-0.05"],
    [120_000, 0, "120000"],
    [1_234, 3, "1.234"],
    [999_999_999_999_999, 2, "9999999999999.99"],
  ])("writes %d with %d digits as %s", (minor, digits, text) => {
    expect(minorToDecimal(minor, digits)).toBe(text);
  });

  it("loses no unit of the largest amount", () => {
    expect(formatMinor(999_999_999_999_999, 2, "en-US")).toBe("9,999,999,999,999.99");
    expect(formatMinor(999_999_999_999_999, 2, "de-DE")).toBe("9.999.999.999.999,99");
  });

  it("writes for a field what the core reads back", () => {
    expect(typedMinor(123_456, 2, "de-DE")).toBe("1234,56");
  });
});

describe("typed dates", () => {
  const now = new Date(2026, 10, 22, 12);
  it.each([
    ["2026-12-31", "en-US", "2026-12-31"],
    ["12/31/2026", "en-US", "2026-12-31"],
    ["31.12.2026", "de-DE", "2026-12-31"],
    ["31.12.26", "de-DE", "2026-12-31"],
    ["31.12.", "de-DE", "2026-12-31"],
    ["+14", "en-US", "2026-12-06"],
    ["", "en-US", ""],
    ["31.02.2026", "de-DE", null],
    ["13/31/2026", "en-US", null],
    ["soon", "en-US", null],
  ])("reads %s in %s as %s", (text, locale, date) => {
    expect(readDate(text, locale, now)).toBe(date);
  });

  it("reads back what it writes", () => {
    for (const locale of ["en-US", "en-GB", "de-DE", "sv-SE", "ja-JP"]) {
      expect(readDate(typedDate("2026-02-03", locale), locale, now)).toBe("2026-02-03");
    }
  });

  it("counts days over the end of a year", () => {
    expect(daysAfter(now, 40)).toBe("2027-01-01");
  });
});

describe("times", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  it.each([
    ["2026-11-22T11:59:50Z", "now"],
    ["2026-11-22T11:45:00Z", "15 minutes ago"],
    ["2026-11-22T09:00:00Z", "3 hours ago"],
    ["2026-11-20T09:00:00Z", "Nov 20, 2026"],
    ["", ""],
  ])("says %s as %s", (at, words) => {
    expect(relativeTime(at, "en-US", now)).toBe(words);
  });
});
