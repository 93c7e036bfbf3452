/** The twin's read side: what is confirmed, joined with what the journal adds. */
import type { AccountDTO, InvoiceRow, MoneyDTO } from "~/bridge/dto";
import { type Entry, isUnsent, type MemoryJournal } from "~/bridge/memory/journal";
import * as seed from "~/bridge/memory/seed";
import { localInvoice, type MemoryServer } from "~/bridge/memory/server";

/** Adds up money by currency, in order of first sight. */
export function sumByCurrency(parts: readonly MoneyDTO[]): MoneyDTO[] {
  const sums = new Map<string, number>();
  for (const p of parts) sums.set(p.currency, (sums.get(p.currency) ?? 0) + p.amount);
  return [...sums].map(([currency, amount]) => ({ currency, amount }));
}

function laneEntries(journal: MemoryJournal, invoiceId: string): Entry[] {
  return journal.entries.filter((e) => e.row.lane === `invoice:${invoiceId}` && e.row.state !== "discarded");
}

function joined(row: InvoiceRow, journal: MemoryJournal): InvoiceRow {
  const mine = laneEntries(journal, row.id);
  // The action that holds the others back speaks for the invoice.
  const speaker = journal.blockerOf(`invoice:${row.id}`) ?? mine.at(-1);
  if (!speaker) return row;
  const open = mine.filter((e) => e.row.type === "record_payment" && isUnsent(e.row.state) && e.row.code !== "overpaid");
  return {
    ...row,
    origin: row.origin === "local" ? "local" : "both",
    actionId: speaker.row.id,
    actionState: speaker.row.state,
    pendingPaid: open.reduce((sum, e) => sum + e.row.amount, 0),
  };
}

/** Confirmed and local invoices, newest first. */
export function invoiceRows(server: MemoryServer, journal: MemoryJournal): InvoiceRow[] {
  const known = new Set(server.invoices.map((i) => i.id));
  const local = journal.entries
    .filter((e) => e.row.type === "create_invoice" && e.row.state !== "discarded" && !known.has(e.recordId))
    .map(localInvoice);
  return [...server.invoices, ...local]
    .map((i) => joined(i, journal))
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

/** Customers with what they owe, by name. */
export function accountRows(invoices: readonly InvoiceRow[], seeded: boolean): AccountDTO[] {
  if (!seeded) return [];
  return seed.accounts.map((a) => ({
    ...a,
    openBalance: sumByCurrency(
      invoices
        .filter((i) => i.accountId === a.id && i.balance > 0 && i.status !== "failed")
        .map((i) => ({ amount: i.balance, currency: i.currency })),
    ),
  }));
}

/** Whether any of the texts holds the search words. */
export function matches(search: string, ...texts: string[]): boolean {
  const words = search.trim().toLowerCase();
  return words === "" || texts.some((t) => t.toLowerCase().includes(words));
}

/** Cuts a page out of a list. */
export function pageOf<T>(items: readonly T[], query: { limit: number; offset: number }) {
  return { total: items.length, items: items.slice(query.offset, query.offset + query.limit) };
}
