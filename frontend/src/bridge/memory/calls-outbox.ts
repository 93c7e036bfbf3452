import type { OutboxCalls } from "~/bridge/bridge";
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
