/** The few choices that belong to this screen, not to a person or a record. */

const PREFIX = "fieldpay.";

/** What a person chose before, or the default; storage may be barred. */
export function readSetting<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
  try {
    const kept = window.localStorage.getItem(PREFIX + name);
    return allowed.find((a) => a === kept) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps a choice for the next start, where storage allows it. */
export function keepSetting(name: string, value: string): void {
  try {
    window.localStorage.setItem(PREFIX + name, value);
  } catch {
    // The choice holds until the window closes.
  }
}
