/** Times as people say them: relative under a day, the date after that. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "14:02" */
export function clockTime(iso: string, locale: string): string {
  return iso === "" ? "" : new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(new Date(iso));
}

/** "22 November 2026, 14:02:31" */
export function exactTime(iso: string, locale: string): string {
  if (iso === "") return "";
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "medium" }).format(new Date(iso));
}

/** "22 Nov 2026" */
export function shortDate(iso: string, locale: string): string {
  return iso === "" ? "" : new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(new Date(iso));
}

/** The time alone today, the date and time on any other day: for "since …". */
export function sinceTime(iso: string, locale: string, now: Date): string {
  if (iso === "") return "";
  const then = new Date(iso);
  if (then.toDateString() === now.toDateString()) return clockTime(iso, locale);
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }).format(then);
}

/** "3 minutes ago" under a day, else the date. */
export function relativeTime(iso: string, locale: string, now: Date): string {
  if (iso === "") return "";
  const ago = now.getTime() - new Date(iso).getTime();
  if (Math.abs(ago) >= DAY) return shortDate(iso, locale);
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (Math.abs(ago) < MINUTE) return words.format(0, "second");
  if (Math.abs(ago) < HOUR) return words.format(-Math.trunc(ago / MINUTE), "minute");
  return words.format(-Math.trunc(ago / HOUR), "hour");
}
