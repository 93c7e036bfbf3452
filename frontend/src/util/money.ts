/** Money on its way to the eye. Nothing here computes: sums come from the core. */

/** Writes minor units as a decimal by placing the point; a division could lose a unit. */
export function minorToDecimal(minor: number, digits: number): `${number}` {
  const sign = minor < 0 ? "-" : "";
  const text = Math.abs(minor).toFixed(0).padStart(digits + 1, "0");
  const decimal = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return `${sign}${decimal}` as `${number}`;
}

// Building a format costs more than a hundred uses of it.
const formats = new Map<string, Intl.NumberFormat>();

function formatFor(locale: string, digits: number, useGrouping: boolean): Intl.NumberFormat {
  const key = `${locale} ${digits} ${useGrouping}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping });
  formats.set(key, made);
  return made;
}

/** Writes minor units in the notation of a locale, without the currency. */
export function formatMinor(minor: number, digits: number, locale: string): string {
  return formatFor(locale, digits, true).format(minorToDecimal(minor, digits));
}

/** Writes minor units as a person would type them: no marks between thousands. */
export function typedMinor(minor: number, digits: number, locale: string): string {
  return formatFor(locale, digits, false).format(minorToDecimal(minor, digits));
}
