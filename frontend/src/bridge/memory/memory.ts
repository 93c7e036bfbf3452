/**
 * A core in memory that behaves: it saves, sends when "online", keeps lanes in
 * order, refuses what the real one refuses. For development and tests.
 */
import type { Bridge, InvoiceChange, InvoiceForm, PaymentForm, Topic, VisitForm } from "~/bridge/bridge";
import type { BootstrapDTO, PaymentPreview, PersonDTO, Saved, StatusDTO } from "~/bridge/dto";
import { BridgeError } from "~/bridge/error";
import { type Draft, type Entry, isUnsent, MemoryJournal, needsPerson } from "~/bridge/memory/journal";
import { accountRows, invoiceRows, matches, pageOf, sumByCurrency } from "~/bridge/memory/records";
import * as seed from "~/bridge/memory/seed";
import { MemoryServer } from "~/bridge/memory/server";
import { parseMinor, previewOf } from "~/bridge/memory/sums";

const demo: PersonDTO = { id: "usr-001", name: "Demo User", email: "demo@fieldpay.com" };
const nobody: PersonDTO = { id: "", name: "", email: "" };

/** How a twin starts. The zero value: online, seeded, nobody signed in. */
export interface MemoryOptions {
  offline?: boolean;
  empty?: boolean;
  signedIn?: boolean;
  /** Answers with the time; the default is the clock. */
  now?: () => Date;
}

/** The twin. Methods beside the Bridge's play the part of the world. */
export class MemoryBridge implements Bridge {
  readonly journal: MemoryJournal;
  readonly server: MemoryServer;
  readonly #listeners = new Set<(topic: Topic) => void>();
  readonly #seeded: boolean;
  readonly #now: () => string;
  #connection: StatusDTO["connection"];
  #person: PersonDTO;
  #forced = false;
  #network: boolean;
  #lastSyncAt = "";
  readonly #events: { at: string; name: string; fields: Record<string, unknown> }[] = [];
  readonly #refusals = new Map<string, BridgeError>();
  readonly #hangs = new Set<string>();

  constructor(options: MemoryOptions = {}) {
    const clock = options.now ?? (() => new Date());
    this.#now = () => clock().toISOString();
    this.#seeded = !options.empty;
    this.journal = new MemoryJournal(this.#now);
    this.server = new MemoryServer(this.#seeded);
    this.#network = !options.offline;
    this.#person = options.signedIn ? demo : nobody;
    this.#connection = { state: "offline", since: this.#now(), code: "", reason: "", down: [] };
    this.#feel();
  }

  // The world.

  /** Cuts or restores the way to the server. */
  network(up: boolean): void {
    this.#network = up;
    this.#feel();
    this.#drain();
  }

  /** Makes the next call of a method fail with this error. */
  refuse(method: keyof Bridge, error: BridgeError): void {
    this.#refusals.set(method, error);
  }

  /** Lets calls of a method stay unanswered, as loading screens need it. */
  hang(method: keyof Bridge): void {
    this.#hangs.add(method);
  }

  // SessionCalls.

  async bootstrap(): Promise<BootstrapDTO> {
    await this.#admit("bootstrap");
    return {
      version: "0.0.0-memory",
      environment: "sandbox",
      bffUrl: "http://127.0.0.1:3001",
      platform: "memory",
      locale: "",
      deviceId: "0f4c2a51-7d7e-4c0a-9a51-6e1f2b7d9c11",
      keyProtection: "keychain",
      host: "browser",
      currencies: [...seed.currencies],
      methods: ["cash", "check", "bank_transfer", "other"],
      visitOutcomes: ["met", "not_in", "follow_up", "order", "other"],
      person: this.#person,
      signedIn: this.#person.id !== "",
    };
  }

  async signIn(credentials: { username: string; password: string }): Promise<PersonDTO> {
    await this.#admit("signIn");
    if (!this.#network) {
      throw new BridgeError({ code: "offline", message: "There is no way to the server. Everything is kept and sent later" });
    }
    if (credentials.username !== demo.email || credentials.password !== "demo123") {
      throw new BridgeError({ code: "bad_credentials", message: "The name or the password is not right" });
    }
    this.#person = demo;
    this.#tell("session");
    this.#drain();
    return demo;
  }

  async signOut(options: { force: boolean }): Promise<void> {
    await this.#admit("signOut");
    if (!options.force && this.#unsent().length > 0) {
      throw new BridgeError({ code: "not_possible", message: "There is unsent work", hint: "Send it first, or sign out and keep it here" });
    }
    this.#person = nobody;
    this.#tell("session");
  }

  async status(): Promise<StatusDTO> {
    await this.#admit("status");
    const unsent = this.#unsent();
    const valueOf = (type: string) => sumByCurrency(unsent.filter((e) => e.row.type === type).map((e) => e.row));
    return {
      connection: this.#connection,
      unsent: {
        count: unsent.length,
        oldestAt: unsent[0]?.row.createdAt ?? "",
        payments: valueOf("record_payment"),
        invoices: valueOf("create_invoice"),
      },
      counts: this.#counts(),
      draining: false,
      done: 0,
      total: 0,
      lastSyncAt: this.#lastSyncAt,
      needsYou: this.journal.entries.filter((e) => needsPerson(e.row.state)).length,
      person: this.#person,
      signedIn: this.#person.id !== "",
    };
  }

  subscribe(listener: (topic: Topic) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // RecordCalls.

  async accounts(query: { search: string; limit: number; offset: number }) {
    await this.#admit("accounts");
    const found = accountRows(this.#invoices(), this.#seeded).filter((a) => matches(query.search, a.name, a.industry, a.phone));
    return { asOf: this.#lastSyncAt, ...pageOf(found, query) };
  }

  async account(id: string) {
    await this.#admit("account");
    const account = accountRows(this.#invoices(), this.#seeded).find((a) => a.id === id);
    if (!account) throw new BridgeError({ code: "unknown_account", message: "The customer is not known here" });
    const contacts = seed.contacts.filter((c) => c.accountId === id);
    return { asOf: this.#lastSyncAt, account, contacts, invoices: this.#invoices().filter((i) => i.accountId === id) };
  }

  async invoices(query: { accountId: string; search: string; limit: number; offset: number }) {
    await this.#admit("invoices");
    const found = this.#invoices().filter(
      (i) =>
        (query.accountId === "" || i.accountId === query.accountId) &&
        matches(query.search, i.number, i.accountName, i.description),
    );
    return { asOf: this.#lastSyncAt, ...pageOf(found, query) };
  }

  async invoice(id: string) {
    await this.#admit("invoice");
    const row = this.#invoices().find((i) => i.id === id);
    if (!row) throw new BridgeError({ code: "unknown_invoice", message: "The invoice is not known here" });
    const actions = this.journal.entries.filter((e) => e.row.lane === `invoice:${id}`).map((e) => ({ ...e.row }));
    return { row, actions: actions.reverse() };
  }

  // FormCalls.

  async previewInvoice(form: InvoiceForm) {
    await this.#admit("previewInvoice");
    return previewOf(form, this.#digits(form.currency));
  }

  async saveInvoice(form: InvoiceForm): Promise<Saved> {
    await this.#admit("saveInvoice");
    const sums = previewOf(form, this.#digits(form.currency));
    refuseFields(sums.fields);
    const { locale: _, ...payload } = form;
    const customer = seed.accounts.find((a) => a.id === form.accountId)?.name ?? form.accountId;
    return this.#append({
      type: "create_invoice",
      lane: "invoice:",
      recordId: "",
      title: form.description || form.lines[0]?.description || "",
      subtitle: customer,
      amount: sums.total,
      currency: form.currency,
      payload: { ...payload, amount: sums.total },
    });
  }

  async updateInvoice(change: InvoiceChange): Promise<Saved> {
    await this.#admit("updateInvoice");
    const invoice = (await this.invoice(change.invoiceId)).row;
    refuseFields(change.changed.length === 0 ? { description: "or another field must be given: there is nothing to change" } : {});
    return this.#append({
      type: "update_invoice",
      lane: `invoice:${invoice.id}`,
      recordId: invoice.id,
      title: change.description || invoice.description,
      subtitle: invoice.accountName,
      amount: 0,
      currency: "",
      payload: { ...change },
    });
  }

  async previewPayment(form: PaymentForm): Promise<PaymentPreview> {
    await this.#admit("previewPayment");
    const invoice = (await this.invoice(form.invoiceId)).row;
    const fields: Record<string, string> = {};
    const read = (key: "amount" | "tendered") => {
      if (key === "tendered" && form.tendered.trim() === "") return 0;
      try {
        return Number(parseMinor(form[key], form.locale, this.#digits(invoice.currency)));
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
    const balance = invoice.balance - invoice.pendingPaid;
    const twin = this.#unsent().some((e) => e.row.type === "record_payment" && e.payload["invoiceId"] === invoice.id && e.row.amount === amount);
    return {
      amount,
      tendered,
      change: Math.max(0, tendered - amount),
      currency: invoice.currency,
      balance,
      balanceAfter: balance - amount,
      fields,
      warnings: [...(amount > balance ? ["overpays"] : []), ...(twin ? ["duplicate"] : [])],
    };
  }

  async savePayment(form: PaymentForm): Promise<Saved> {
    await this.#admit("savePayment");
    const sums = await this.previewPayment(form);
    refuseFields(sums.fields);
    const invoice = (await this.invoice(form.invoiceId)).row;
    const { locale: _, ...payload } = form;
    return this.#append({
      type: "record_payment",
      lane: `invoice:${invoice.id}`,
      recordId: "",
      title: invoice.number || invoice.description,
      subtitle: invoice.accountName,
      amount: sums.amount,
      currency: sums.currency,
      payload: { ...payload, amount: sums.amount, tendered: sums.tendered, change: sums.change },
    });
  }

  async saveVisit(form: VisitForm): Promise<Saved> {
    await this.#admit("saveVisit");
    refuseFields({
      ...(form.accountId === "" ? { accountId: "is required" } : {}),
      ...(form.note.trim() === "" ? { note: "is required" } : {}),
    });
    const customer = seed.accounts.find((a) => a.id === form.accountId)?.name ?? form.accountId;
    return this.#append({
      type: "log_visit",
      lane: "visit:",
      recordId: "",
      title: form.note,
      subtitle: customer,
      amount: 0,
      currency: "",
      payload: { ...form },
    });
  }

  // OutboxCalls.

  async outbox(query: { filter: "unsent" | "needs" | "all"; before: number; limit: number }) {
    await this.#admit("outbox");
    const wanted = { unsent: (e: Entry) => isUnsent(e.row.state), needs: (e: Entry) => needsPerson(e.row.state), all: () => true };
    const found = this.journal.entries
      .filter((e) => wanted[query.filter](e) && (query.before === 0 || e.row.sequence < query.before))
      .map((e) => ({ ...e.row }))
      .reverse();
    const items = found.slice(0, query.limit);
    return { items, next: found.length > items.length ? (items.at(-1)?.sequence ?? 0) : 0 };
  }

  async actionDetail(id: string) {
    await this.#admit("actionDetail");
    const entry = this.#entry(id);
    const { row, payload, fields, history } = entry;
    return { row: { ...row }, payload: JSON.stringify(payload, null, 2), fields, history: [...history], hash: `9f3c${row.sequence.toString(16).padStart(4, "0")}` };
  }

  async retry(id: string): Promise<void> {
    await this.#admit("retry");
    const entry = this.#entry(id);
    if (!needsPerson(entry.row.state) && entry.row.state !== "waiting") throw notPossible();
    entry.fields = {};
    this.journal.move(entry, "pending", { by: this.#person.name });
    this.#tell("outbox");
    this.#drain();
  }

  async discard(id: string, reason: string): Promise<void> {
    await this.#admit("discard");
    const entry = this.#entry(id);
    const neverSent = entry.row.attempt === 0;
    if (!needsPerson(entry.row.state) && !neverSent) throw notPossible();
    this.journal.move(entry, "discarded", { by: this.#person.name, message: reason });
    this.journal.release(entry.row.lane);
    this.#tell("outbox");
    this.#drain();
  }

  // DeviceCalls.

  async forceOffline(on: boolean): Promise<void> {
    await this.#admit("forceOffline");
    this.#forced = on;
    this.#feel();
    this.#drain();
  }

  async syncNow(): Promise<void> {
    await this.#admit("syncNow");
    this.#drain();
  }

  async refreshReference(): Promise<void> {
    await this.#admit("refreshReference");
    if (this.#connection.state === "online") this.#lastSyncAt = this.#now();
    this.#tell("reference");
  }

  async diagnostics() {
    const { version, environment, bffUrl, deviceId, keyProtection } = await this.bootstrap();
    await this.#admit("diagnostics");
    return {
      ...{ version, environment, bffUrl, deviceId, keyProtection },
      connection: this.#connection,
      lastSyncAt: this.#lastSyncAt,
      counts: this.#counts(),
      journal: { entries: this.journal.entries.reduce((n, e) => n + e.history.length, 0), ok: true },
      events: [...this.#events].reverse(),
      now: this.#now(),
    };
  }

  // Inside.

  #append(draft: Omit<Draft, "actor">): Saved {
    const { row, recordId } = this.journal.append({ ...draft, actor: this.#person.name });
    this.#note("action_saved", { sequence: row.sequence, type: row.type });
    this.#tell("outbox");
    queueMicrotask(() => this.#drain());
    return { actionId: row.id, sequence: row.sequence, recordId, lane: row.lane, hash: "9f3c21d8", savedAt: row.createdAt };
  }

  #drain(): void {
    if (this.#connection.state !== "online" || this.#person.id === "") return;
    for (let due = this.journal.due(); due.length > 0; due = this.journal.due()) {
      const entry = due[0];
      if (!entry) break;
      this.journal.move(entry, "sending");
      const verdict = this.server.decide(entry);
      const nextAt = verdict.state === "waiting" ? new Date(Date.parse(this.#now()) + 60_000).toISOString() : "";
      this.journal.move(entry, verdict.state, { code: verdict.code, message: verdict.message, nextAt });
      entry.fields = verdict.fields;
      if (verdict.state === "applied") this.journal.release(entry.row.lane);
      else this.#hold(entry);
    }
    this.#lastSyncAt = this.#now();
    this.#note("sync_completed", {});
    this.#tell("outbox");
  }

  #hold(blocker: Entry): void {
    if (this.journal.blockerOf(blocker.row.lane) !== blocker) return;
    for (const e of this.journal.entries) {
      if (e.row.lane !== blocker.row.lane || e.row.state !== "pending") continue;
      this.journal.move(e, "held", { code: "after_missing" });
      e.row.blockedBy = blocker.row.id;
    }
  }

  #feel(): void {
    const state = this.#forced ? "forced-offline" : this.#network ? "online" : "offline";
    const since = this.#now();
    this.#connection = { state, since, code: state === "offline" ? "offline" : "", reason: "", down: [] };
    if (state === "online" && this.#lastSyncAt === "") this.#lastSyncAt = since;
    this.#note(state === "online" ? "network_online" : "network_offline", {});
    this.#tell("status");
  }

  #note(name: string, fields: Record<string, unknown>): void {
    this.#events.push({ at: this.#now(), name, fields });
  }

  #tell(topic: Topic): void {
    for (const listener of this.#listeners) listener(topic);
  }

  async #admit(method: keyof Bridge): Promise<void> {
    if (this.#hangs.has(method)) await new Promise(() => undefined);
    const refusal = this.#refusals.get(method);
    this.#refusals.delete(method);
    if (refusal) throw refusal;
  }

  #entry(id: string): Entry {
    const entry = this.journal.find(id);
    if (!entry) throw new BridgeError({ code: "not_found", message: "There is nothing of that name" });
    return entry;
  }

  #invoices() {
    return invoiceRows(this.server, this.journal);
  }

  #unsent(): Entry[] {
    return this.journal.entries.filter((e) => isUnsent(e.row.state));
  }

  #counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { row } of this.journal.entries) counts[row.state] = (counts[row.state] ?? 0) + 1;
    return counts;
  }

  #digits(currency: string): number {
    return seed.currencies.find((c) => c.code === currency)?.digits ?? 2;
  }
}

function refuseFields(fields: Record<string, string>): void {
  if (Object.keys(fields).length > 0) {
    throw new BridgeError({ code: "invalid_payload", message: "Something in the form needs another look", fields });
  }
}

function notPossible(): BridgeError {
  return new BridgeError({ code: "not_possible", message: "That cannot be done with this action as it stands" });
}
