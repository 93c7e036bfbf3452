/** The far end of the twin: decides each action, by sentinel words in its text. */
import type { InvoiceRow } from "~/bridge/dto";
import type { Entry } from "~/bridge/memory/journal";
import { invoices as seed } from "~/bridge/memory/seed";

/** What the far end says to one action. */
export interface Verdict {
  state: "applied" | "accepted" | "waiting" | "unconfirmed" | "review" | "failed";
  code: string;
  message: string;
  fields: Record<string, string>;
}

const applied: Verdict = { state: "applied", code: "", message: "", fields: {} };

/**
 * Words that make the far end refuse, so that each state can be seen by hand in
 * the development server and in tests. They may stand in any text of a form.
 */
const sentinels: readonly { word: string; verdict: Verdict }[] = [
  {
    word: "#gone",
    verdict: {
      state: "failed",
      code: "unknown_account",
      message: "The customer does not exist in Salesforce. Choose another",
      fields: { accountId: "does not exist" },
    },
  },
  {
    word: "#conflict",
    verdict: {
      state: "review",
      code: "version_conflict",
      message: "The invoice was changed in Salesforce in the meantime. Compare both",
      fields: {},
    },
  },
  {
    word: "#busy",
    verdict: {
      state: "waiting",
      code: "salesforce_unavailable",
      message: "Salesforce cannot be reached. It goes on by itself",
      fields: {},
    },
  },
  { word: "#lost", verdict: { state: "unconfirmed", code: "answer_lost", message: "Sent, and the answer was lost. Nothing is sent twice", fields: {} } },
  { word: "#slow", verdict: { ...applied, state: "accepted" } },
];

/** Keeps the confirmed invoices, and settles actions into them. */
export class MemoryServer {
  readonly invoices: InvoiceRow[];

  constructor(seeded: boolean) {
    this.invoices = seeded ? seed.map((i) => ({ ...i })) : [];
  }

  decide(entry: Entry): Verdict {
    const text = JSON.stringify(entry.payload);
    const refusal = entry.row.attempt <= 1 ? sentinels.find((s) => text.includes(s.word)) : undefined;
    if (refusal) return refusal.verdict;
    if (entry.row.type === "record_payment") return this.#book(entry);
    if (entry.row.type === "collect_payment") return this.#collect(entry);
    if (entry.row.type === "void_invoice") return this.#void(entry);
    if (entry.row.type === "update_invoice") this.#update(entry);
    if (entry.row.type === "create_invoice") this.#create(entry);
    return applied;
  }

  #create(entry: Entry): void {
    const number = `INV-${String(this.invoices.length + 1).padStart(5, "0")}`;
    entry.row.serverId = number;
    entry.row.invoiceNumber = number;
    this.invoices.push({ ...localInvoice(entry), number, status: "draft", origin: "confirmed", actionId: "", actionState: "", version: 1 });
  }

  /** Money that came from elsewhere. */
  receive(invoiceId: string, amount: number): void {
    const invoice = this.invoices.find((i) => i.id === invoiceId);
    if (!invoice) return;
    invoice.paid += amount;
    invoice.balance = Math.max(0, invoice.amount - invoice.paid);
    invoice.status = invoice.paid >= invoice.amount ? "paid" : "pending";
  }

  /** Somebody in the office changes an invoice. */
  change(invoiceId: string, change: Partial<InvoiceRow>): void {
    const invoice = this.invoices.find((i) => i.id === invoiceId);
    if (invoice) Object.assign(invoice, change, { version: invoice.version + 1 });
  }

  #collect(entry: Entry): Verdict {
    if (entry.payload["method"] === "payment_link") {
      entry.row.result = "requested";
      entry.row.link = `https://pay.example.com/${entry.row.sequence}`;
      return applied;
    }
    if (entry.payload["cardId"] === "pm_card_chargeDeclined") {
      return { state: "failed", code: "card_declined", message: "The card was declined", fields: {} };
    }
    this.receive(String(entry.payload["invoiceId"]), entry.row.amount);
    entry.row.result = "paid";
    entry.row.serverId = `PAY-${String(entry.row.sequence).padStart(5, "0")}`;
    return applied;
  }

  #void(entry: Entry): Verdict {
    const invoice = this.invoices.find((i) => i.id === entry.payload["invoiceId"]);
    if (invoice && invoice.paid > 0) {
      return { state: "review", code: "money_received", message: "Money was received on this invoice", fields: {} };
    }
    if (invoice) Object.assign(invoice, { status: "failed", balance: 0 });
    return applied;
  }

  #update(entry: Entry): void {
    const changed = entry.payload["changed"];
    if (!Array.isArray(changed)) return;
    const fields = changed.filter((name) => name !== "notes").map((name: string) => [name, entry.payload[name]]);
    this.change(String(entry.payload["invoiceId"]), Object.fromEntries(fields));
  }

  #book(entry: Entry): Verdict {
    const invoice = this.invoices.find((i) => i.id === entry.payload["invoiceId"]);
    if (!invoice) {
      return { state: "failed", code: "unknown_invoice", message: "The invoice does not exist in Salesforce", fields: {} };
    }
    invoice.paid += entry.row.amount;
    invoice.balance = Math.max(0, invoice.amount - invoice.paid);
    invoice.status = invoice.paid >= invoice.amount ? "paid" : "pending";
    entry.row.serverId = `PAY-${String(entry.row.sequence).padStart(5, "0")}`;
    if (invoice.paid <= invoice.amount) return applied;
    return {
      state: "review",
      code: "overpaid",
      message: "More money was received than is open. It is recorded, not yet allocated",
      fields: {},
    };
  }
}

/** An invoice that only this device knows. */
export function localInvoice(entry: Entry): InvoiceRow {
  const text = (key: string) => String(entry.payload[key] ?? "");
  return {
    id: entry.recordId,
    number: "",
    accountId: text("accountId"),
    accountName: entry.row.accountName,
    contactId: text("contactId"),
    description: text("description"),
    amount: entry.row.amount,
    paid: 0,
    balance: entry.row.amount,
    currency: entry.row.currency,
    status: "",
    origin: "local",
    actionId: entry.row.id,
    actionState: entry.row.state,
    createdAt: entry.row.createdAt,
    updatedAt: entry.row.createdAt,
    dueDate: text("dueDate"),
    version: 0,
    pendingPaid: 0,
  };
}
