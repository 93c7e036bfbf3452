import type { FileForm, FormCalls, InvoiceChange, InvoiceForm, PaymentForm, VisitForm } from "~/bridge/bridge";
import type { PaymentPreview, Saved } from "~/bridge/dto";
import type { KeptFile } from "~/bridge/dto-pay";
import { BridgeError } from "~/bridge/error";
import type { MemoryCore } from "~/bridge/memory/core";
import * as seed from "~/bridge/memory/seed";
import { linesOf, parseMinor, previewOf } from "~/bridge/memory/sums";

type TypedCalls = Omit<FormCalls, "previewCollect" | "saveCollect" | "voidInvoice" | "saveContact">;

/** Forms: previews compute, saves are kept when they answer. */
export function formCalls(core: MemoryCore): TypedCalls {
  return {
    async previewInvoice(form: InvoiceForm) {
      await core.admit("previewInvoice");
      return previewOf(form, core.digits(form.currency));
    },

    async saveInvoice(form: InvoiceForm): Promise<Saved> {
      await core.admit("saveInvoice");
      const sums = previewOf(form, core.digits(form.currency));
      refuseFields(sums.fields);
      const payload: Record<string, unknown> = { ...form };
      delete payload["locale"];
      delete payload["replaces"];
      delete payload["actionId"];
      return core.append({
        ...about(form.accountId),
        type: "create_invoice",
        lane: "invoice:",
        recordId: "",
        description: form.description || (form.lines[0]?.description ?? ""),
        amount: sums.total,
        currency: form.currency,
        payload: { ...payload, amount: sums.total, lines: linesOf(form, core.digits(form.currency)) },
        typed: form,
      }, form.replaces, form.actionId);
    },

    async updateInvoice(change: InvoiceChange): Promise<Saved> {
      await core.admit("updateInvoice");
      const invoice = core.invoice(change.invoiceId);
      refuseFields(change.changed.length === 0 ? { description: "or another field must be given: there is nothing to change" } : {});
      return core.append({
        ...about(invoice.accountId),
        type: "update_invoice",
        lane: `invoice:${invoice.id}`,
        recordId: invoice.id,
        invoiceNumber: invoice.number,
        description: invoice.description,
        amount: 0,
        currency: "",
        payload: { ...change },
      }, change.replaces, change.actionId);
    },

    async previewPayment(form: PaymentForm): Promise<PaymentPreview> {
      await core.admit("previewPayment");
      return previewOfPayment(core, form);
    },

    async savePayment(form: PaymentForm): Promise<Saved> {
      await core.admit("savePayment");
      const sums = previewOfPayment(core, form);
      refuseFields(sums.fields);
      const invoice = core.invoice(form.invoiceId);
      const payload: Record<string, unknown> = { ...form };
      delete payload["locale"];
      delete payload["replaces"];
      delete payload["actionId"];
      return core.append({
        ...about(invoice.accountId),
        type: "record_payment",
        lane: `invoice:${invoice.id}`,
        recordId: "",
        invoiceNumber: invoice.number,
        description: invoice.description,
        method: form.method,
        amount: sums.amount,
        currency: sums.currency,
        payload: { ...payload, amount: sums.amount, tendered: sums.tendered, change: sums.change },
      }, form.replaces, form.actionId);
    },

    async keepFile(file: FileForm): Promise<KeptFile> {
      await core.admit("keepFile");
      const { name, mediaType, role, content } = file;
      return { sha256: String(content.length).padStart(64, "0"), size: content.length, name, mediaType, role };
    },

    async saveVisit(form: VisitForm): Promise<Saved> {
      await core.admit("saveVisit");
      refuseFields({
        ...(form.accountId === "" ? { accountId: "is required" } : {}),
        ...(form.note.trim() === "" ? { note: "is required" } : {}),
      });
      const saved = core.append({
        ...about(form.accountId),
        type: "log_visit",
        lane: "visit:",
        recordId: "",
        outcome: form.outcome,
        amount: 0,
        currency: "",
        payload: { ...form },
      }, form.replaces, form.actionId);
      for (const file of form.files) {
        const draft = { ...about(form.accountId), type: "add_attachment", lane: "attachment:", recordId: "", description: file.name };
        core.append({ ...draft, amount: 0, currency: "", payload: { ...file } }, "", `${saved.actionId}-${file.sha256}`);
      }
      return saved;
    },
  };
}

/** The names that an action's line is made of, as far as the customer gives them. */
export function about(accountId: string) {
  const accountName = seed.accounts.find((a) => a.id === accountId)?.name ?? "";
  return { accountId, accountName, invoiceId: "", invoiceNumber: "", description: "", method: "", outcome: "" };
}

function previewOfPayment(core: MemoryCore, form: PaymentForm): PaymentPreview {
  const invoice = core.invoice(form.invoiceId);
  const fields: Record<string, string> = {};
  const read = (key: "amount" | "tendered") => {
    if (key === "tendered" && form.tendered.trim() === "") return 0;
    try {
      return Number(parseMinor(form[key], form.locale, core.digits(invoice.currency)));
    } catch (e) {
      fields[key] = e instanceof Error ? e.message : String(e);
      return 0;
    }
  };
  const amount = read("amount");
  const tendered = form.method === "cash" ? read("tendered") : 0;
  if (amount === 0 && !fields["amount"]) fields["amount"] = "must be more than zero";
  if (tendered !== 0 && tendered < amount) fields["tendered"] = "is less than the amount";
  if (form.method === "check" && form.checkNumber.trim() === "") fields["checkNumber"] = "is required";
  core.checkCaps(amount, invoice.currency, fields);
  const balance = Math.max(0, invoice.balance - invoice.pendingPaid);
  const twin = core.unsent().some((e) => e.row.type === "record_payment" && e.payload["invoiceId"] === invoice.id && e.row.amount === amount);
  return {
    amount,
    tendered,
    change: Math.max(0, tendered - amount),
    currency: invoice.currency,
    balance,
    balanceAfter: Math.max(0, balance - amount),
    fields,
    warnings: [...(amount > balance ? ["overpays"] : []), ...(twin ? ["duplicate"] : [])],
  };
}

/** Refuses a form that has something wrong in it. */
export function refuseFields(fields: Record<string, string>): void {
  if (Object.keys(fields).length > 0) {
    throw new BridgeError({ code: "invalid_payload", message: "Something in the form needs another look", fields });
  }
}
