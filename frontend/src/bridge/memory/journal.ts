/** The twin's journal: lanes, states and history, with the order rules of the real one. */
import type { InvoiceForm } from "~/bridge/bridge";
import type { ActionRow, ActionState, ActionStep } from "~/bridge/dto";

/** One action of the twin. */
export interface Entry {
  row: ActionRow;
  payload: Record<string, unknown>;
  /** The form of an invoice, for its receipt. */
  typed: InvoiceForm | undefined;
  fields: Record<string, string>;
  history: ActionStep[];
  /** The record that comes into being when it is applied. */
  recordId: string;
}

/** What an action is at its append. */
export interface Draft {
  /** "" for a fresh one. */
  id: string;
  type: string;
  lane: string;
  recordId: string;
  amount: number;
  currency: string;
  actor: string;
  accountId: string;
  accountName: string;
  invoiceId: string;
  invoiceNumber: string;
  description: string;
  method: string;
  outcome: string;
  payload: Record<string, unknown>;
  typed?: InvoiceForm;
}

const blocking: readonly ActionState[] = ["waiting", "unconfirmed", "review", "failed"];
const settled: readonly ActionState[] = ["applied", "superseded", "discarded", "handed-over"];

/** Whether an action still has to go. */
export function isUnsent(state: ActionState): boolean {
  return !settled.includes(state);
}

/** Whether a person must act. */
export function needsPerson(state: ActionState): boolean {
  return state === "review" || state === "failed";
}

/** Whether an action goes without a person, so that its age tells something. */
export function goesByItself(state: ActionState): boolean {
  return state === "pending" || state === "sending" || state === "waiting" || state === "unconfirmed";
}

const BADGE_AFTER_MS = 15 * 60_000;
const NOTICE_AFTER_MS = 4 * 60 * 60_000;

/** How loudly work of that time is told at another. */
export function levelOf(done: string, now: string): "" | "badge" | "notice" {
  const age = Date.parse(now) - Date.parse(done);
  if (age < BADGE_AFTER_MS) return "";
  return age < NOTICE_AFTER_MS ? "badge" : "notice";
}

/** Ordered actions, oldest first. */
export class MemoryJournal {
  readonly entries: Entry[] = [];
  readonly #now: () => string;

  constructor(now: () => string) {
    this.#now = now;
  }

  append(draft: Draft, replaced?: Entry): Entry {
    const sequence = this.entries.length + 1;
    const at = this.#now();
    const found = this.blockerOf(draft.lane);
    const blocker = found === replaced ? undefined : found;
    const { payload, recordId, id, typed, ...line } = draft;
    const row: ActionRow = {
      id: id || `01998c00-0000-7000-8000-${String(sequence).padStart(12, "0")}`,
      sequence,
      state: "pending",
      createdAt: at,
      since: at,
      nextAt: "",
      attempt: 0,
      blockedBy: "",
      replacedBy: "",
      code: "",
      reason: "",
      serverId: "",
      late: false,
      result: "",
      link: "",
      title: `${draft.type} ${draft.accountName}`,
      subtitle: draft.description,
      ...line,
    };
    const entry: Entry = { row, payload, typed, fields: {}, history: [], recordId: recordId || row.id };
    if (row.lane.endsWith(":")) row.lane += entry.recordId;
    if (row.lane.startsWith("invoice:")) row.invoiceId = row.lane.slice("invoice:".length);
    if (replaced) {
      // It takes the other's place in the lane, before what waits behind it.
      this.entries.splice(this.entries.indexOf(replaced) + 1, 0, entry);
      this.move(replaced, "superseded", { by: draft.actor });
      replaced.row.replacedBy = row.id;
    } else {
      this.entries.push(entry);
    }
    this.move(entry, "pending", { by: draft.actor });
    if (blocker) {
      this.move(entry, "held", { code: "after_missing" });
      row.blockedBy = blocker.row.id;
    }
    if (replaced) this.release(draft.lane);
    return entry;
  }

  move(entry: Entry, to: ActionState, how: { code?: string; message?: string; by?: string; nextAt?: string } = {}): void {
    const { row } = entry;
    const from = entry.history.length === 0 ? "" : row.state;
    row.state = to;
    row.since = this.#now();
    row.code = how.code ?? "";
    row.reason = how.message ?? "";
    row.nextAt = how.nextAt ?? "";
    if (to === "sending") row.attempt += 1;
    if (to !== "held") row.blockedBy = "";
    const { code, reason: message, since: at, attempt } = row;
    entry.history.push({ at, from, to, code, message, by: how.by ?? "", attempt });
  }

  find(id: string): Entry | undefined {
    return this.entries.find((e) => e.row.id === id);
  }

  /** The action that holds a lane back, if any. */
  blockerOf(lane: string): Entry | undefined {
    return this.entries.find((e) => e.row.lane === lane && blocking.includes(e.row.state));
  }

  /** Lets what waited behind an action of the lane go on. */
  release(lane: string): void {
    if (this.blockerOf(lane)) return;
    for (const e of this.entries) {
      if (e.row.lane === lane && e.row.state === "held") this.move(e, "pending");
    }
  }

  due(): Entry[] {
    return this.entries.filter((e) => e.row.state === "pending" && !this.blockerOf(e.row.lane));
  }
}
