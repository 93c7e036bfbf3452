/** Turns what an action will send back into what was typed, so that it can be mended. */
import * as z from "zod";
import type { CollectForm, ContactForm, InvoiceChange, InvoiceForm, InvoiceVoid, PaymentForm, VisitForm } from "~/bridge/bridge";
import type { ActionDetail } from "~/bridge/dto";
import { keptFileSchema } from "~/bridge/dto-pay";

const text = z.string().default("");
const minor = z.number().int().default(0);

const invoice = z.object({
  accountId: text,
  contactId: text,
  currency: z.string(),
  description: text,
  notes: text,
  dueDate: text,
  lines: z
    .array(z.object({ description: text, quantity: text, unitPrice: minor, discount: minor, taxRate: text }))
    .min(1),
});

const payment = z.object({
  invoiceId: z.string(),
  amount: z.number().int(),
  currency: text,
  method: z.string(),
  tendered: minor,
  checkNumber: text,
  reference: text,
  note: text,
});

const collect = z.object({ invoiceId: z.string(), amount: z.number().int(), method: z.string(), cardId: text });

const contact = z.object({ accountId: text, firstName: text, lastName: text, email: text, phone: text, title: text });

const visit = z.object({ accountId: text, contactId: text, invoiceId: text, note: text, outcome: z.string(), files: z.array(keptFileSchema).optional(), attachments: z.array(keptFileSchema).optional() });

/** How a form writes numbers. */
interface Notation {
  locale: string;
  typed: (minor: number, currency: string) => string;
}

const forms: Record<string, string> = {
  create_invoice: "/invoices/new",
  record_payment: "/payments/new",
  collect_payment: "/payments/collect",
  create_contact: "/contacts/new",
  log_visit: "/visits/new",
};

/** Whether an action has taken effect, or may have: an edit would book it twice. */
function booked(row: ActionDetail["row"]): boolean {
  return row.serverId !== "" || row.code === "outcome_unknown";
}

/** Where an action can be mended, if there is a form for it and nothing is booked. */
export function mendAddress(row: ActionDetail["row"]): string | null {
  const act = row.type === "void_invoice" ? "void" : row.type === "update_invoice" ? "edit" : "";
  const form = act === "" ? forms[row.type] : `/invoices/${row.invoiceId}/${act}`;
  return form && !booked(row) ? `${form}?replaces=${row.id}` : null;
}

/** Writes a plain decimal ("2.5") with the mark of the locale. */
export function typedDecimal(plain: string, locale: string): string {
  const mark = new Intl.NumberFormat(locale).formatToParts(1.5).find((p) => p.type === "decimal")?.value ?? ".";
  return plain.replace(".", mark);
}

function read<S extends z.ZodType>(schema: S, detail: ActionDetail): z.output<S> | null {
  try {
    return schema.safeParse(JSON.parse(detail.payload)).data ?? null;
  } catch {
    return null;
  }
}

/** The invoice form as it was; null for one that this build has no form for. */
export function invoiceTyped(detail: ActionDetail, { locale, typed }: Notation): Omit<InvoiceForm, "locale" | "actionId"> | null {
  const was = read(invoice, detail);
  if (!was) return null;
  const money = (amount: number) => (amount === 0 ? "" : typed(amount, was.currency.toLowerCase()));
  return {
    ...was,
    currency: was.currency.toLowerCase(),
    replaces: detail.row.id,
    lines: was.lines.map((l) => ({
      description: l.description,
      quantity: typedDecimal(l.quantity, locale),
      unitPrice: typed(l.unitPrice, was.currency.toLowerCase()),
      discount: money(l.discount),
      taxRate: typedDecimal(l.taxRate, locale),
    })),
  };
}

/** The payment form as it was. */
export function paymentTyped(detail: ActionDetail, { typed }: Notation): Omit<PaymentForm, "locale" | "actionId"> | null {
  const was = read(payment, detail);
  if (!was) return null;
  const { invoiceId, method, checkNumber, reference, note } = was;
  const currency = detail.row.currency;
  return {
    ...{ invoiceId, method, checkNumber, reference, note },
    amount: typed(was.amount, currency),
    tendered: was.tendered === 0 ? "" : typed(was.tendered, currency),
    replaces: detail.row.id,
  };
}

/** The visit form as it was. */
export function visitTyped(detail: ActionDetail): Omit<VisitForm, "actionId"> | null {
  const was = read(visit, detail);
  if (!was) return null;
  const { files, attachments, ...typed } = was;
  return { ...typed, files: files ?? attachments ?? [], replaces: detail.row.id };
}

/** The form of money to collect as it was. */
export function collectTyped(detail: ActionDetail, { typed }: Notation): Omit<CollectForm, "locale" | "actionId"> | null {
  const was = read(collect, detail);
  return was && { ...was, amount: typed(was.amount, detail.row.currency), replaces: detail.row.id };
}

/** The form of a contact as it was. */
export function contactTyped(detail: ActionDetail): Omit<ContactForm, "actionId"> | null {
  const was = read(contact, detail);
  return was && { ...was, replaces: detail.row.id };
}

/** The form of a void as it was. */
export function voidTyped(detail: ActionDetail): Omit<InvoiceVoid, "actionId"> | null {
  const was = read(z.object({ invoiceId: z.string(), reason: text }), detail);
  return was && { ...was, replaces: detail.row.id };
}

/** What a change of an invoice was about to change. */
export type ChangeTyped = Pick<InvoiceChange, "replaces"> & Partial<Pick<InvoiceChange, "description" | "dueDate" | "contactId" | "notes">>;

/** The change of an invoice as it was: only the fields that it names. */
export function changeTyped(detail: ActionDetail): ChangeTyped | null {
  const given = z.string().optional();
  const was = read(z.object({ description: given, dueDate: given, contactId: given, notes: given, changed: z.array(z.string()).optional() }), detail);
  if (!was) return null;
  const { changed, ...fields } = was;
  const named = Object.entries(fields).filter(([name, value]) => value !== undefined && (changed?.includes(name) ?? true));
  return { ...Object.fromEntries(named), replaces: detail.row.id };
}
