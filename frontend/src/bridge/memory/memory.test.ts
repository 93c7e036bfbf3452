import { describe, expect, it } from "vitest";
import * as dto from "~/bridge/dto";
import { doorSchema } from "~/bridge/dto-door";
import { memoryBridge } from "~/bridge/memory/memory";
import { withInvoice } from "~/testing/render";

const cash = { amount: "40", method: "cash", tendered: "", checkNumber: "", reference: "", note: "", locale: "en-US", replaces: "", actionId: "" };

describe("the twin", () => {
  it("answers in the shapes of the contract", async () => {
    const bridge = memoryBridge({ signedIn: true });
    const invoiceId = await withInvoice(bridge, "#gone");
    const page = { search: "", limit: 10, offset: 0 };
    dto.bootstrapSchema.parse(await bridge.bootstrap());
    dto.statusSchema.parse(await bridge.status());
    dto.accountPageSchema.parse(await bridge.accounts(page));
    dto.accountDetailSchema.parse(await bridge.account("acc-001"));
    dto.invoicePageSchema.parse(await bridge.invoices({ ...page, accountId: "" }));
    dto.invoiceDetailSchema.parse(await bridge.invoice(invoiceId));
    const { items } = dto.outboxPageSchema.parse(await bridge.outbox({ filter: "all", before: 0, limit: 10 }));
    dto.actionDetailSchema.parse(await bridge.actionDetail(items[0]?.id ?? ""));
    dto.diagnosticsSchema.parse(await bridge.diagnostics());
    expect(items).toHaveLength(1);
  });

  it("keeps the order of a lane: nothing overtakes what is stuck", async () => {
    const bridge = memoryBridge({ signedIn: true });
    const invoiceId = await withInvoice(bridge, "#conflict");
    await bridge.savePayment({ ...cash, invoiceId });
    const states = async () => (await bridge.outbox({ filter: "all", before: 0, limit: 10 })).items.map((i) => i.state);
    expect(await states()).toEqual(["held", "review"]);
    await bridge.retry((await bridge.outbox({ filter: "needs", before: 0, limit: 1 })).items[0]?.id ?? "");
    expect(await states()).toEqual(["applied", "applied"]);
  });

  it("sums as the core does: half up, tax once per rate", async () => {
    const bridge = memoryBridge({ signedIn: true });
    const line = { description: "x", quantity: "1", unitPrice: "0,05", discount: "", taxRate: "19" };
    const sums = await bridge.previewInvoice({
      accountId: "acc-001",
      contactId: "",
      currency: "eur",
      description: "",
      notes: "",
      dueDate: "",
      locale: "de-DE",
      replaces: "", actionId: "",
      lines: [line, line, { ...line, quantity: "0,5", taxRate: "19,0" }],
    });
    // 5 + 5 + 3 (2.5 rounded up), and 19 % of 13 is 2.47.
    expect(sums).toMatchObject({ net: 13, tax: 2, total: 15, fields: {} });
    expect(sums.taxes).toEqual([{ rate: "19", net: 13, amount: 2 }]);
  });

  it("refuses to sign out over unsent work unless told to keep it", async () => {
    const bridge = memoryBridge({ signedIn: true, offline: true });
    await withInvoice(bridge);
    await expect(bridge.signOut({ force: false })).rejects.toMatchObject({ code: "not_possible" });
    await bridge.signOut({ force: true });
    expect((await bridge.status()).unsent.count).toBe(1);
  });
});

describe("the twin's door", () => {
  it("answers in the shape of the contract, and names nobody in full", async () => {
    const bridge = memoryBridge({ signedIn: true, pins: { demo: "284736" } });
    expect(doorSchema.parse(await bridge.door())).toMatchObject({ locked: false, idleSeconds: 900, people: [{ name: "Demo U.", pin: true, here: true }] });
    await bridge.lock();
    expect((await bridge.status()).person.id).toBe("");
    expect((await bridge.bootstrap()).person.id).toBe("");
    await expect(bridge.invoice("inv-001")).rejects.toMatchObject({ code: "locked" });
  });

  it("locks behind somebody who signs out while a colleague has a PIN", async () => {
    const bridge = memoryBridge({ signedIn: true, pins: { demo: "284736", manager: "905172" } });
    await bridge.signOut({ force: false });
    expect(await bridge.door()).toMatchObject({ locked: true, people: [{ name: "Alex K.", manager: true }] });
  });
});
