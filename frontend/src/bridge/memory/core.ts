/** The state of the twin, and what happens in it without being asked. */
import type { Bridge, Topic } from "~/bridge/bridge";
import type { ActionRow, BootstrapDTO, DraftDTO, InvoiceRow, PersonDTO, Saved, StatusDTO } from "~/bridge/dto";
import type { EnrolmentDTO, VersionDTO } from "~/bridge/dto-version";
import type { CheckoutDTO } from "~/bridge/dto-pay";
import { BridgeError } from "~/bridge/error";
import { MemoryDoor } from "~/bridge/memory/door";
import { type Draft, type Entry, goesByItself, isUnsent, levelOf, MemoryJournal, needsPerson } from "~/bridge/memory/journal";
import { invoiceRows } from "~/bridge/memory/records";
import * as seed from "~/bridge/memory/seed";
import { MemoryServer } from "~/bridge/memory/server";

/** The person whom the twin knows; the password is demo123. */
export const demo: PersonDTO = { id: "usr-001", name: "Demo User", email: "demo@fieldpay.com" };

/** A manager whom the twin knows, by the same password. */
export const manager: PersonDTO = { id: "usr-002", name: "Alex Kim", email: "alex@fieldpay.com" };

/** Nobody. */
export const nobody: PersonDTO = { id: "", name: "", email: "" };

/** How a twin starts. The zero value: online, seeded, nobody signed in. */
export interface MemoryOptions {
  offline?: boolean;
  empty?: boolean;
  signedIn?: boolean;
  /** The language that a company has settled. */
  locale?: string;
  /** The twin is a kiosk. */
  kiosk?: boolean;
  /** Nobody works without a PIN; always so at a kiosk. */
  pinRequired?: boolean;
  /** The PINs of people who signed in before: the demo user's and the manager's. */
  pins?: { demo?: string; manager?: string };
  /** It starts locked. */
  locked?: boolean;
  /** Answers with the time; the default is the clock. */
  now?: () => Date;
}

/** What the calls of the twin share. */
export class MemoryCore {
  readonly journal: MemoryJournal;
  readonly server: MemoryServer;
  readonly door: MemoryDoor;
  readonly seeded: boolean;
  readonly locale: string;
  readonly now: () => string;
  readonly listeners = new Set<(topic: Topic) => void>();
  readonly events: { at: string; name: string; fields: Record<string, unknown> }[] = [];
  /** Forms that were begun, by the id of who began them. */
  readonly drafts = new Map<string, DraftDTO[]>();
  /** Pages to pay at, and what each asks for. */
  readonly checkouts = new Map<string, CheckoutDTO>();
  readonly asked = new Map<string, { invoiceId: string; amount: number }>();
  /** Customers whose saved cards somebody has looked at. */
  readonly cardsSeen = new Set<string>();
  /** The most that one payment may be offline, by currency. */
  caps: Record<string, number> = {};
  readonly refusals = new Map<string, BridgeError>();
  readonly hangs = new Set<string>();
  connection: StatusDTO["connection"];
  person: PersonDTO;
  forced = false;
  enrolment: EnrolmentDTO = { name: "", at: "" };
  version: VersionDTO = { state: "current", version: "", notes: "", reason: "", installable: false, checkedAt: "", percent: 0, failure: "" };
  /** Forms that are open. */
  editing = 0;
  /** The server knows a newer journal of this device. */
  rolledBack = false;
  /** Somebody changed the journal outside FieldPay. */
  damaged = false;
  /** Bytes left on the disk. */
  free = 64 * 2 ** 30;
  network: boolean;
  lastSyncAt = "";

  constructor(options: MemoryOptions = {}) {
    const clock = options.now ?? (() => new Date());
    this.now = () => clock().toISOString();
    this.seeded = !options.empty;
    this.locale = options.locale ?? "";
    this.journal = new MemoryJournal(this.now);
    this.server = new MemoryServer(this.seeded);
    this.door = openDoor(options, this.now);
    this.network = !options.offline;
    this.person = options.signedIn ? demo : nobody;
    this.connection = { state: "offline", since: this.now(), code: "", reason: "", down: [] };
    this.feel();
  }

  facts(): BootstrapDTO {
    return {
      version: "0.0.0-memory",
      environment: "sandbox",
      bffUrl: "http://127.0.0.1:3001",
      platform: "memory",
      locale: this.locale,
      deviceId: "0f4c2a51-7d7e-4c0a-9a51-6e1f2b7d9c11",
      keyProtection: "keychain",
      host: "browser",
      currencies: [...seed.currencies],
      methods: ["cash", "check", "bank_transfer", "other"],
      visitOutcomes: ["met", "not_in", "follow_up", "order", "other"],
      person: this.door.locked ? nobody : this.person,
      signedIn: this.person.id !== "",
      enrolment: this.enrolment,
    };
  }

  /** Cuts or restores the way to the server. */
  connect(up: boolean): void {
    this.network = up;
    this.feel();
    this.drain();
  }

  append(draft: Omit<Draft, "actor" | "id">, replaces: string, actionId: string): Saved {
    const before = this.journal.entries.find((e) => e.row.id === actionId);
    if (before) return repeated(before, draft.payload);
    const old = replaces === "" ? undefined : this.entry(replaces);
    if (old && !needsPerson(old.row.state) && old.row.attempt > 0) throw notPossible();
    const place = old ? { lane: old.row.lane, recordId: old.recordId } : {};
    if (draft.type.endsWith("_payment")) this.door.approved = false;
    const entry = this.journal.append({ ...draft, ...place, actor: this.person.name, id: actionId }, old);
    this.note("queue_action_added", { actionId: entry.row.id, type: entry.row.type });
    this.tell("outbox");
    queueMicrotask(() => this.drain());
    return savedOf(entry);
  }

  drain(): void {
    if (this.connection.state !== "online" || this.person.id === "") return;
    for (let due = this.journal.due(); due.length > 0; due = this.journal.due()) {
      const entry = due[0];
      if (!entry) break;
      this.journal.move(entry, "sending");
      const verdict = this.server.decide(entry);
      const nextAt = verdict.state === "waiting" ? new Date(Date.parse(this.now()) + 60_000).toISOString() : "";
      this.journal.move(entry, verdict.state, { code: verdict.code, message: verdict.message, nextAt });
      entry.fields = verdict.fields;
      if (verdict.state === "applied") this.journal.release(entry.row.lane);
      else this.hold(entry);
    }
    this.lastSyncAt = this.now();
    this.note("sync_completed", {});
    this.tell("outbox");
  }

  hold(blocker: Entry): void {
    if (this.journal.blockerOf(blocker.row.lane) !== blocker) return;
    for (const e of this.journal.entries) {
      if (e.row.lane !== blocker.row.lane || e.row.state !== "pending") continue;
      this.journal.move(e, "held", { code: "after_missing" });
      e.row.blockedBy = blocker.row.id;
    }
  }

  feel(): void {
    const state = this.forced ? "forced-offline" : this.network ? "online" : "offline";
    const since = this.now();
    this.connection = { state, since, code: state === "offline" ? "offline" : "", reason: "", down: [] };
    if (state === "online" && this.rolledBack) this.connection = { ...this.connection, state: "degraded", code: "journal_rolled_back" };
    if (state === "online" && this.lastSyncAt === "") this.lastSyncAt = since;
    this.note("connection_changed", { state, code: this.connection.code });
    this.tell("status");
  }

  note(name: string, fields: Record<string, unknown>): void {
    this.events.push({ at: this.now(), name, fields });
  }

  tell(topic: Topic): void {
    for (const listener of this.listeners) listener(topic);
  }

  async admit(method: keyof Bridge): Promise<void> {
    if (this.hangs.has(method)) await new Promise(() => undefined);
    const refusal = this.refusals.get(method);
    this.refusals.delete(method);
    if (refusal) throw refusal;
    this.door.admit(method, this.person.id);
  }

  entry(id: string): Entry {
    const entry = this.journal.find(id);
    if (!entry) throw new BridgeError({ code: "not_found", message: "There is nothing of that name" });
    return entry;
  }

  /** One invoice, as the records show it. */
  invoice(id: string): InvoiceRow {
    const row = this.invoices().find((i) => i.id === id);
    if (!row) throw new BridgeError({ code: "unknown_invoice", message: "The invoice is not known here" });
    return row;
  }

  invoices(): InvoiceRow[] {
    return invoiceRows(this.server, this.journal);
  }

  unsent(): Entry[] {
    return this.journal.entries.filter((e) => isUnsent(e.row.state));
  }

  /** The level of unsent work that goes by itself, by the core's default patience. */
  overdue(): StatusDTO["overdue"] {
    const since = this.unsent().find((e) => goesByItself(e.row.state))?.row.createdAt ?? "";
    const level = since === "" ? "" : levelOf(since, this.now());
    return { level, since: level === "" ? "" : since };
  }

  /** A row as a screen gets it now. */
  line(entry: Entry): ActionRow {
    const { row } = entry;
    return { ...row, late: goesByItself(row.state) && levelOf(row.createdAt, this.now()) === "notice" };
  }

  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { row } of this.journal.entries) counts[row.state] = (counts[row.state] ?? 0) + 1;
    return counts;
  }

  /** Says at the amount what the company's cap says against it. */
  checkCaps(amount: number, currency: string, fields: Record<string, string>): void {
    if (this.door.approved) return;
    const most = this.caps[currency];
    if (this.connection.state === "online" || most === undefined || amount <= most || fields["amount"]) return;
    fields["amount"] = "is more than may be taken at once without a connection";
  }

  /** The customer pays at the page. */
  pay(id: string): void {
    const asked = this.asked.get(id);
    const page = this.checkouts.get(id);
    if (!asked || !page) return;
    this.checkouts.set(id, { ...page, status: "paid", url: "", booked: true });
    this.server.receive(asked.invoiceId, asked.amount);
    this.tell("reference");
  }

  digits(currency: string): number {
    return seed.currencies.find((c) => c.code === currency)?.digits ?? 2;
  }
}

/** The register as earlier days left it. */
function openDoor(options: MemoryOptions, now: () => string): MemoryDoor {
  const door = new MemoryDoor(options.kiosk ?? false, (options.kiosk || options.pinRequired) ?? false, now);
  if (options.signedIn || options.pins?.demo) door.remember(demo, false).pin = options.pins?.demo ?? "";
  if (options.pins?.manager) door.remember(manager, true).pin = options.pins.manager;
  door.locked = options.locked ?? false;
  return door;
}

/** An act that the state of the action rules out. */
export function notPossible(): BridgeError {
  return new BridgeError({ code: "not_possible", message: "That cannot be done with this action as it stands" });
}

function savedOf({ row, recordId }: Entry): Saved {
  return { actionId: row.id, sequence: row.sequence, recordId, lane: row.lane, hash: "9f3c21d8", savedAt: row.createdAt };
}

/** Answers a save that comes again: the first one counts. */
function repeated(before: Entry, payload: Record<string, unknown>): Saved {
  if (JSON.stringify(before.payload) === JSON.stringify(payload)) return savedOf(before);
  throw new BridgeError({ code: "content_changed", message: "Something else was kept under this id before" });
}
