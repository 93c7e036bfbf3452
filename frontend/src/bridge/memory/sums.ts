/** The arithmetic of the core, restated for the twin only: big integers, round half up. */
import type { InvoiceForm, LineForm } from "~/bridge/bridge";
import type { InvoicePreview } from "~/bridge/dto";

interface Decimal {
  unscaled: bigint;
  scale: number;
}

function marks(locale: string): { decimal: string; group: string } {
  const parts = new Intl.NumberFormat(locale).formatToParts(1234567.5);
  const find = (type: string) => parts.find((p) => p.type === type)?.value ?? "";
  return { decimal: find("decimal"), group: find("group") };
}

/** Reads a typed number strictly; throws the sentence to show. */
export function parseTyped(text: string, locale: string, maxFraction: number): Decimal {
  const { decimal, group } = marks(locale);
  const typed = text.trim();
  if (typed === "") throw new Error("Enter a number");
  if (/^[-−]/.test(typed)) throw new Error("Must not be negative");
  const [whole = "", fraction = "", more] = typed.split(decimal);
  const digits = group === "" ? whole : whole.split(group).join("");
  if (more !== undefined || !/^\d+$/.test(digits) || !/^\d*$/.test(fraction)) throw new Error(`Not a number: ${typed}`);
  if (fraction.length > maxFraction) {
    throw new Error(maxFraction === 0 ? "This currency has no decimals" : "Too many decimals");
  }
  if (digits.length > 15) throw new Error("The number is too large");
  return { unscaled: BigInt(digits + fraction), scale: fraction.length };
}

const pow10 = (n: number) => 10n ** BigInt(n);
const halfUp = (n: bigint, d: bigint) => (2n * n + d) / (2n * d);

/** Reads typed money into minor units. */
export function parseMinor(text: string, locale: string, digits: number): bigint {
  const d = parseTyped(text, locale, digits);
  return d.unscaled * pow10(digits - d.scale);
}

function attempt<T>(fields: Record<string, string>, path: string, read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (e) {
    fields[path] = e instanceof Error ? e.message : String(e);
    return otherwise;
  }
}

function readLine(line: LineForm, at: string, form: { locale: string; digits: number }, fields: Record<string, string>) {
  const { locale, digits } = form;
  if (line.description.trim() === "") fields[`${at}.description`] = "is required";
  const none: Decimal = { unscaled: 0n, scale: 0 };
  const quantity = attempt(fields, `${at}.quantity`, () => parseTyped(line.quantity, locale, 4), none);
  const price = attempt(fields, `${at}.unitPrice`, () => parseMinor(line.unitPrice, locale, digits), 0n);
  const discount =
    line.discount.trim() === ""
      ? 0n
      : attempt(fields, `${at}.discount`, () => parseMinor(line.discount, locale, digits), 0n);
  const rateText = line.taxRate.trim().replace(/%$/, "");
  const rate = rateText === "" ? none : attempt(fields, `${at}.taxRate`, () => parseTyped(rateText, locale, 4), none);
  if (quantity.unscaled === 0n && !fields[`${at}.quantity`]) fields[`${at}.quantity`] = "must not be zero";
  const gross = halfUp(quantity.unscaled * price, pow10(quantity.scale));
  if (discount > gross && !fields[`${at}.discount`]) fields[`${at}.discount`] = "is more than the line";
  return { net: discount > gross ? 0n : gross - discount, rate };
}

function plain(d: Decimal): string {
  const text = d.unscaled.toString().padStart(d.scale + 1, "0");
  const whole = text.slice(0, text.length - d.scale);
  const fraction = text.slice(text.length - d.scale).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** Sums an invoice form; tax is rounded once per rate over the invoice. */
export function previewOf(form: InvoiceForm, digits: number): InvoicePreview {
  const fields: Record<string, string> = {};
  if (form.accountId === "") fields["accountId"] = "is required";
  const lines = form.lines.map((l, i) => readLine(l, `lines[${i}]`, { locale: form.locale, digits }, fields));
  const byRate = new Map<string, { rate: Decimal; net: bigint }>();
  for (const l of lines) {
    if (l.rate.unscaled === 0n) continue;
    const key = plain(l.rate);
    byRate.set(key, { rate: l.rate, net: (byRate.get(key)?.net ?? 0n) + l.net });
  }
  const taxes = [...byRate].map(([rate, t]) => ({
    rate,
    net: Number(t.net),
    amount: Number(halfUp(t.net * t.rate.unscaled, pow10(t.rate.scale + 2))),
  }));
  const net = Number(lines.reduce((sum, l) => sum + l.net, 0n));
  const tax = taxes.reduce((sum, t) => sum + t.amount, 0);
  if (net + tax === 0 && Object.keys(fields).length === 0) fields["lines"] = "sum to nothing";
  return { lines: lines.map((l) => ({ net: Number(l.net) })), net, taxes, tax, total: net + tax, currency: form.currency, fields };
}

/** The lines as the payload has them: plain decimals and minor units. */
export function linesOf(form: InvoiceForm, digits: number) {
  const money = (text: string) => (text.trim() === "" ? 0 : Number(parseMinor(text, form.locale, digits)));
  const decimal = (text: string) => (text.trim() === "" ? "" : plain(parseTyped(text.replace(/%\s*$/, ""), form.locale, 4)));
  return form.lines.map((l) => ({
    description: l.description,
    quantity: decimal(l.quantity),
    unitPrice: money(l.unitPrice),
    discount: money(l.discount),
    taxRate: decimal(l.taxRate),
  }));
}
