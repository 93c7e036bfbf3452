/** Calendar dates (year-month-day) and what people type for them. */

type Part = "year" | "month" | "day";

function orderOf(locale: string): Part[] {
  const parts = new Intl.DateTimeFormat(locale).formatToParts(new Date(2001, 1, 3));
  return parts.map((p) => p.type).filter((t): t is Part => t === "year" || t === "month" || t === "day");
}

function iso(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return real && year >= 1970 && year <= 9999 ? date.toISOString().slice(0, 10) : null;
}

/** The calendar date that many days after a moment, in the person's own zone. */
export function daysAfter(now: Date, days: number): string {
  return iso(now.getFullYear(), now.getMonth() + 1, now.getDate()) === null
    ? ""
    : new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate() + days)).toISOString().slice(0, 10);
}

/**
 * Reads a typed date: "2026-12-31", "31.12.2026" or "12/31/2026" in the order
 * of the locale, "31.12." for this year, "+14" for days from today. Null is not
 * a date; "" stays "".
 */
export function readDate(text: string, locale: string, now: Date): string | null {
  const typed = text.trim();
  if (typed === "") return "";
  const plus = /^\+(\d{1,3})$/.exec(typed);
  if (plus) return daysAfter(now, Number(plus[1]));
  const numbers = typed.split(/[-./\s]+/).filter((n) => n !== "");
  if (numbers.some((n) => !/^\d+$/.test(n)) || numbers.length < 2 || numbers.length > 3) return null;
  if (numbers[0]?.length === 4) return iso(Number(numbers[0]), Number(numbers[1]), Number(numbers[2] ?? Number.NaN));
  const order = orderOf(locale).filter((p) => numbers.length === 3 || p !== "year");
  const at = (part: Part) => Number(numbers[order.indexOf(part)] ?? Number.NaN);
  const typedYear = order.includes("year") ? at("year") : now.getFullYear();
  return iso(typedYear < 100 ? 2000 + typedYear : typedYear, at("month"), at("day"));
}

/** Writes a calendar date the way the locale types it. */
export function typedDate(date: string, locale: string): string {
  if (date === "") return "";
  return new Intl.DateTimeFormat(locale, { timeZone: "UTC", year: "numeric", month: "2-digit", day: "2-digit" }).format(
    new Date(`${date}T00:00:00Z`),
  );
}

/** Writes a calendar date for reading: "Thu, 31 Dec 2026". */
export function spokenDate(date: string, locale: string): string {
  if (date === "") return "";
  return new Intl.DateTimeFormat(locale, {
    timeZone: "UTC",
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
  }).format(new Date(`${date}T00:00:00Z`));
}

/** Writes a calendar date for a column: "31 Dec 2026". */
export function shortDate(date: string, locale: string): string {
  if (date === "") return "";
  return new Intl.DateTimeFormat(locale, { timeZone: "UTC", dateStyle: "medium" }).format(new Date(`${date}T00:00:00Z`));
}
