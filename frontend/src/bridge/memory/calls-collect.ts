import type { CollectForm, ContactForm, FormCalls, InvoiceVoid } from "~/bridge/bridge";
import type { ContactDTO, PaymentPreview, Saved } from "~/bridge/dto";
import { about, refuseFields } from "~/bridge/memory/calls-form";
import type { MemoryCore } from "~/bridge/memory/core";
import { isUnsent } from "~/bridge/memory/journal";
import * as seed from "~/bridge/memory/seed";
import { parseMinor } from "~/bridge/memory/sums";

type CollectCalls = Pick<FormCalls, "previewCollect" | "saveCollect" | "voidInvoice" | "saveContact">;

/** Forms of what is asked of the office or the customer: money, a void, a contact. */
export function collectCalls(core: MemoryCore): CollectCalls {
  return {
    async previewCollect(form: CollectForm): Promise<PaymentPreview> {
      await core.admit("previewCollect");
      return previewOfCollect(core, form);
    },

    async saveCollect(form: CollectForm): Promise<Saved> {
      await core.admit("saveCollect");
      const sums = previewOfCollect(core, form);
      refuseFields(sums.fields);
      const invoice = core.invoice(form.invoiceId);
      const draft = {
        ...about(invoice.accountId),
        type: "collect_payment",
        lane: `invoice:${invoice.id}`,
        recordId: "",
        invoiceNumber: invoice.number,
        description: invoice.description,
        method: form.method,
        amount: sums.amount,
        currency: sums.currency,
        payload: { invoiceId: form.invoiceId, amount: sums.amount, method: form.method, cardId: form.cardId, partial: sums.amount !== sums.balance },
      };
      return core.append(draft, form.replaces, form.actionId);
    },

    async voidInvoice(form: InvoiceVoid): Promise<Saved> {
      await core.admit("voidInvoice");
      refuseFields(form.reason.trim() === "" ? { reason: "is required" } : {});
      const invoice = core.invoice(form.invoiceId);
      const draft = {
        ...about(invoice.accountId),
        type: "void_invoice",
        lane: `invoice:${invoice.id}`,
        recordId: invoice.id,
        invoiceNumber: invoice.number,
        description: form.reason,
        amount: 0,
        currency: "",
        payload: { invoiceId: form.invoiceId, reason: form.reason },
      };
      return core.append(draft, form.replaces, form.actionId);
    },

    async saveContact(form: ContactForm): Promise<Saved> {
      await core.admit("saveContact");
      refuseFields({
        ...(form.accountId === "" ? { accountId: "is required" } : {}),
        ...(form.lastName.trim() === "" ? { lastName: "is required" } : {}),
      });
      const { accountId, firstName, lastName, email, phone, title } = form;
      const draft = {
        ...about(accountId),
        type: "create_contact",
        lane: "contact:",
        recordId: "",
        description: `${firstName} ${lastName}`.trim(),
        amount: 0,
        currency: "",
        payload: { accountId, firstName, lastName, email, phone, title },
      };
      return core.append(draft, form.replaces, form.actionId);
    },
  };
}

/** Contacts of a customer: the office's, then those that this device makes. */
export function contactsOf(core: MemoryCore, accountId: string): ContactDTO[] {
  const made = core.journal.entries.filter(
    (e) => e.row.type === "create_contact" && e.row.accountId === accountId && e.row.state !== "discarded" && e.row.state !== "superseded",
  );
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return [
    ...seed.contacts.filter((c) => c.accountId === accountId),
    ...made.map(({ row, payload, recordId }) => ({
      id: recordId,
      accountId,
      firstName: text(payload["firstName"]),
      lastName: text(payload["lastName"]),
      email: text(payload["email"]),
      phone: text(payload["phone"]),
      title: text(payload["title"]),
      actionId: isUnsent(row.state) ? row.id : "",
      actionState: isUnsent(row.state) ? row.state : ("" as const),
    })),
  ];
}

/** What a request for money comes to: never more than is open. */
export function previewOfCollect(core: MemoryCore, form: CollectForm): PaymentPreview {
  const invoice = core.invoice(form.invoiceId);
  const fields: Record<string, string> = {};
  const balance = Math.max(0, invoice.balance - invoice.pendingPaid);
  let amount = 0;
  try {
    amount = Number(parseMinor(form.amount, form.locale, core.digits(invoice.currency)));
  } catch (e) {
    fields["amount"] = e instanceof Error ? e.message : String(e);
  }
  if (amount === 0 && !fields["amount"]) fields["amount"] = "must be more than zero";
  if (amount > balance) fields["amount"] = "is more than is open";
  if (form.method === "card_on_file" && form.cardId === "") fields["cardId"] = "is required";
  const before = core.unsent().some((e) => e.row.type === "collect_payment" && e.row.invoiceId === invoice.id && e.row.id !== form.replaces);
  core.checkCaps(amount, invoice.currency, fields);
  return {
    amount,
    tendered: 0,
    change: 0,
    currency: invoice.currency,
    balance,
    balanceAfter: Math.max(0, balance - amount),
    fields,
    warnings: before ? ["requested"] : [],
  };
}
