import type { RecordCalls } from "~/bridge/bridge";
import { BridgeError } from "~/bridge/error";
import { contactsOf } from "~/bridge/memory/calls-collect";
import type { MemoryCore } from "~/bridge/memory/core";
import { accountRows, matches, pageOf } from "~/bridge/memory/records";
import * as seed from "~/bridge/memory/seed";

/** Records to look at. */
export function recordCalls(core: MemoryCore): RecordCalls {
  return {
    async scan(code: string) {
      await core.admit("scan");
      const same = (id: string) => id.toLowerCase() === code.toLowerCase();
      const account = accountRows(core.invoices(), core.seeded).find((a) => same(a.id));
      if (account) return { kind: "customer" as const, id: account.id };
      const invoice = core.invoices().find((i) => same(i.id) || same(i.number));
      return { kind: invoice ? ("invoice" as const) : ("" as const), id: invoice?.id ?? "" };
    },

    async accounts(query: { search: string; limit: number; offset: number }) {
      await core.admit("accounts");
      const found = accountRows(core.invoices(), core.seeded).filter((a) => matches(query.search, a.name, a.industry, a.phone));
      return { asOf: core.lastSyncAt, ...pageOf(found, query) };
    },

    async account(id: string) {
      await core.admit("account");
      const account = accountRows(core.invoices(), core.seeded).find((a) => a.id === id);
      if (!account) throw new BridgeError({ code: "unknown_account", message: "The customer is not known here" });
      const contacts = contactsOf(core, id);
      return { asOf: core.lastSyncAt, account, contacts, invoices: core.invoices().filter((i) => i.accountId === id) };
    },

    async invoices(query: { accountId: string; search: string; limit: number; offset: number }) {
      await core.admit("invoices");
      const found = core.invoices().filter(
        (i) =>
          (query.accountId === "" || i.accountId === query.accountId) &&
          matches(query.search, i.number, i.accountName, i.description),
      );
      return { asOf: core.lastSyncAt, ...pageOf(found, query) };
    },

    async prices(currency: string) {
      await core.admit("prices");
      const items = seed.prices.filter((p) => p.currency === currency).map(({ productId, code, name, family, taxRate, unitPrice }) => ({ productId, code, name, family, taxRate, unitPrice }));
      return { asOf: core.lastSyncAt, items: core.seeded ? items : [] };
    },

    async cards(accountId: string) {
      await core.admit("cards");
      const fresh = core.connection.state === "online";
      if (fresh) core.cardsSeen.add(accountId);
      const known = core.cardsSeen.has(accountId);
      return { cards: known && accountId === "acc-002" ? [...seed.cards] : [], fresh, known };
    },

    async invoice(id: string) {
      await core.admit("invoice");
      const row = core.invoice(id);
      const actions = core.journal.entries.filter((e) => e.row.lane === `invoice:${id}`).map((e) => core.line(e));
      return { row, actions: actions.reverse() };
    },
  };
}
