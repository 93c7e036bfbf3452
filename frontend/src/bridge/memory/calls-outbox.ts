import type { OutboxCalls } from "~/bridge/bridge";
import type { ConflictDTO, FileDTO } from "~/bridge/dto-pay";
import { BridgeError } from "~/bridge/error";
import { type MemoryCore, notPossible } from "~/bridge/memory/core";
import { type Entry, isUnsent, needsPerson } from "~/bridge/memory/journal";

/** The journal, and what a person decides about it. */
export function outboxCalls(core: MemoryCore): OutboxCalls {
  return {
    async outbox(query: { filter: "unsent" | "needs" | "all"; before: number; limit: number }) {
      await core.admit("outbox");
      const wanted = { unsent: (e: Entry) => isUnsent(e.row.state), needs: (e: Entry) => needsPerson(e.row.state), all: () => true };
      const found = core.journal.entries
        .filter((e) => wanted[query.filter](e) && (query.before === 0 || e.row.sequence < query.before))
        .map((e) => core.line(e))
        .sort((a, b) => b.sequence - a.sequence);
      const items = found.slice(0, query.limit);
      return { items, next: found.length > items.length ? (items.at(-1)?.sequence ?? 0) : 0 };
    },

    async actionDetail(id: string) {
      await core.admit("actionDetail");
      const entry = core.entry(id);
      const { payload, fields, history } = entry;
      const row = core.line(entry);
      return { row, payload: JSON.stringify(payload, null, 2), fields, history: [...history], hash: `9f3c${row.sequence.toString(16).padStart(4, "0")}` };
    },

    async retry(id: string): Promise<void> {
      await core.admit("retry");
      const entry = core.entry(id);
      if (!needsPerson(entry.row.state) && entry.row.state !== "waiting") throw notPossible();
      entry.fields = {};
      core.journal.move(entry, "pending", { by: core.person.name });
      core.tell("outbox");
      core.drain();
    },

    async exportJournal(): Promise<FileDTO> {
      await core.admit("exportJournal");
      const name = "fieldpay-journal.ndjson";
      return { name, mediaType: "application/x-ndjson", content: "", path: `/home/demo/Downloads/${name}` };
    },

    async conflict(id: string): Promise<ConflictDTO> {
      await core.admit("conflict");
      const { row, payload } = core.entry(id);
      const theirs = core.server.invoices.find((i) => i.id === row.invoiceId);
      if (!theirs) throw new BridgeError({ code: "unknown_invoice", message: "The server's record is not known on this device" });
      const changed = Array.isArray(payload["changed"]) ? payload["changed"].map(String) : [];
      const value = (name: string): unknown => Reflect.get(theirs, name);
      return {
        actionId: id,
        kind: row.type,
        fields: changed.map((name) => ({ name, mine: String(payload[name] ?? ""), theirs: String(value(name) ?? ""), known: name !== "notes" })),
        invoice: theirs,
        asOf: core.lastSyncAt,
        canKeep: needsPerson(row.state) && (row.type === "update_invoice" || (row.type === "void_invoice" && theirs.paid === 0)),
      };
    },

    async keepMine(id: string) {
      await core.admit("keepMine");
      const { row, payload, recordId } = core.entry(id);
      if (!needsPerson(row.state)) throw notPossible();
      const { type, lane, amount, currency, accountId, accountName, invoiceId, invoiceNumber, description, method, outcome } = row;
      // The words that made the far end refuse were about the old version.
      const again = Object.fromEntries(Object.entries(payload).map(([k, v]) => [k, typeof v === "string" ? v.replace("#conflict", "").trim() : v]));
      const draft = { type, lane, amount, currency, accountId, accountName, invoiceId, invoiceNumber, description, method, outcome };
      return core.append({ ...draft, recordId, payload: again }, id, "");
    },

    async discard(id: string, reason: string): Promise<void> {
      await core.admit("discard");
      const entry = core.entry(id);
      const neverSent = entry.row.attempt === 0;
      if (!needsPerson(entry.row.state) && !neverSent) throw notPossible();
      core.journal.move(entry, "discarded", { by: core.person.name, message: reason });
      core.journal.release(entry.row.lane);
      core.tell("outbox");
      core.drain();
    },
  };
}
