import type { CheckoutForm, PayCalls } from "~/bridge/bridge";
import type { CheckoutDTO, FileDTO, ReceiptDTO, ReceiptPage } from "~/bridge/dto-pay";
import { BridgeError } from "~/bridge/error";
import { previewOfCollect } from "~/bridge/memory/calls-collect";
import type { MemoryCore } from "~/bridge/memory/core";
import type { Entry } from "~/bridge/memory/journal";
import { previewOf } from "~/bridge/memory/sums";

/** Money online, and proof of what was done. */
export function payCalls(core: MemoryCore): PayCalls {
  return {
    async beginCheckout(form: CheckoutForm): Promise<CheckoutDTO> {
      await core.admit("beginCheckout");
      if (core.connection.state !== "online") {
        throw new BridgeError({ code: "offline", message: "A card can be paid online only with a connection" });
      }
      const sums = previewOfCollect(core, { ...form, method: "payment_link", actionId: "", cardId: "", replaces: "" });
      if (Object.keys(sums.fields).length > 0) throw new BridgeError({ code: "invalid_payload", message: "", fields: sums.fields });
      const page = core.checkouts.get(form.id) ?? { id: form.id, status: "open", url: `http://127.0.0.1:3003/pay/${form.id}`, booked: false, opened: false };
      core.checkouts.set(form.id, page);
      core.asked.set(form.id, { invoiceId: form.invoiceId, amount: sums.amount });
      return page;
    },

    async checkout(id: string): Promise<CheckoutDTO> {
      await core.admit("checkout");
      const page = core.checkouts.get(id);
      if (!page) throw new BridgeError({ code: "unknown_payment", message: "There is no such checkout" });
      return page;
    },

    async receipt(id: string): Promise<ReceiptDTO> {
      await core.admit("receipt");
      return receiptOf(core, core.entry(id));
    },

    async saveReceipt(page: ReceiptPage): Promise<FileDTO> {
      await core.admit("saveReceipt");
      const name = `receipt-${core.entry(page.actionId).row.sequence}.pdf`;
      return { name, mediaType: "application/pdf", content: "", path: `/home/demo/Downloads/${name}` };
    },
  };
}

const withReceipt = ["create_invoice", "record_payment", "collect_payment"];

function standingOf({ row }: Entry): ReceiptDTO["standing"] {
  if (row.state === "review" || row.state === "failed") return "refused";
  if (row.state === "discarded" || row.state === "superseded") return "void";
  if (row.state !== "applied") return "provisional";
  return row.type === "collect_payment" && row.result !== "paid" ? "requested" : "final";
}

function receiptOf(core: MemoryCore, entry: Entry): ReceiptDTO {
  const { row, payload } = entry;
  if (!withReceipt.includes(row.type)) throw new BridgeError({ code: "not_possible", message: "There is no receipt for this kind of action" });
  const text = (key: string) => (typeof payload[key] === "string" ? payload[key] : "");
  const number = (key: string) => (typeof payload[key] === "number" ? payload[key] : 0);
  const { typed } = entry;
  const sums = typed && previewOf(typed, core.digits(row.currency));
  const lines = (Array.isArray(payload["lines"]) ? payload["lines"] : []) as Omit<ReceiptDTO["lines"][number], "net">[];
  return {
    actionId: row.id,
    kind: row.type,
    standing: standingOf(entry),
    sequence: row.sequence,
    hash: "9f3c21d8",
    deviceId: core.facts().deviceId,
    actor: row.actor,
    savedAt: row.createdAt,
    confirmedAt: row.state === "applied" ? row.since : "",
    serverId: row.serverId,
    accountName: row.accountName,
    invoiceNumber: row.invoiceNumber,
    description: row.description,
    dueDate: text("dueDate"),
    currency: row.currency,
    lines: lines.map((l, i) => ({ ...l, net: sums?.lines[i]?.net ?? 0 })),
    net: sums?.net ?? row.amount,
    taxes: sums?.taxes ?? [],
    amount: row.amount,
    method: row.method,
    tendered: number("tendered"),
    change: number("change"),
    checkNumber: text("checkNumber"),
    reference: text("reference"),
  };
}
