/** The one place that touches the bindings of the window (or of the browser host). */
import * as z from "zod";
import { type Bridge, type Topic, topics } from "~/bridge/bridge";
import * as dto from "~/bridge/dto";
import * as handOver from "~/bridge/dto-hand-over";
import * as support from "~/bridge/dto-support";
import * as pay from "~/bridge/dto-pay";
import { doorSchema, kioskSchema, scanSchema } from "~/bridge/dto-door";
import { shiftPreviewSchema, shiftSchema, slipSchema } from "~/bridge/dto-shift";
import { enrolmentSchema, versionSchema } from "~/bridge/dto-version";
import { BridgeError } from "~/bridge/error";

type Bound = (...args: unknown[]) => Promise<unknown>;

interface Host {
  go?: { app?: { Bridge?: Record<string, Bound | undefined> } };
  runtime?: { EventsOn(name: string, listener: (topic: unknown) => void): () => void };
}

/** Longer than the core's own limits; only a core that hangs meets it. */
const SETTLE_WITHIN_MS = 30_000;

const nothing = z.unknown().transform(() => undefined);

function isTopic(value: unknown): value is Topic {
  return topics.some((t) => t === value);
}

/**
 * A bound method that panics leaves its promise open forever, so each call is
 * raced against a guard: every call settles.
 */
function settled(answer: Promise<unknown>, method: string): Promise<unknown> {
  const { promise, reject } = withReject();
  const guard = setTimeout(() => reject(new BridgeError({ code: "no_answer", message: method })), SETTLE_WITHIN_MS);
  return Promise.race([answer, promise]).finally(() => clearTimeout(guard));
}

function withReject(): { promise: Promise<never>; reject: (reason: BridgeError) => void } {
  let reject: (reason: BridgeError) => void = () => undefined;
  const promise = new Promise<never>((_, r) => {
    reject = r;
  });
  return { promise, reject };
}

/** Builds the bridge over the bindings that the host put on the window. */
export function wailsBridge(host: Host): Bridge {
  async function call<S extends z.ZodType>(method: string, schema: S, ...args: unknown[]): Promise<z.output<S>> {
    const bound = host.go?.app?.Bridge?.[method];
    if (!bound) throw new BridgeError({ code: "no_core", message: method });
    let answer: unknown;
    try {
      answer = await settled(bound(...args), method);
    } catch (cause) {
      throw BridgeError.from(cause);
    }
    const read = schema.safeParse(answer);
    if (read.success) return read.data;
    // Paths only: the values may be a customer's.
    const where = read.error.issues.map((i) => i.path.join(".")).join(", ");
    throw new BridgeError({ code: "answer_unreadable", message: `${method}: ${where}` });
  }

  return {
    bootstrap: () => call("Bootstrap", dto.bootstrapSchema),
    signIn: (credentials) => call("SignIn", dto.personSchema, credentials),
    signOut: (options) => call("SignOut", nothing, options),
    status: () => call("Status", dto.statusSchema),
    subscribe: (listener) =>
      host.runtime?.EventsOn("fieldpay:changed", (topic) => {
        if (isTopic(topic)) listener(topic);
      }) ?? (() => undefined),

    door: () => call("Door", doorSchema),
    unlock: (form) => call("Unlock", dto.personSchema, form),
    unlockByBadge: (code) => call("UnlockByBadge", dto.personSchema, { code }),
    lock: () => call("Lock", nothing),
    setPin: (form) => call("SetPIN", nothing, form),
    setBadge: (form) => call("SetBadge", nothing, form),
    setIdleLock: (seconds) => call("SetIdleLock", nothing, { seconds }),
    approve: (form) => call("Approve", nothing, form),
    leaveKiosk: (form) => call("LeaveKiosk", nothing, form),
    kiosk: () => call("Kiosk", kioskSchema),
    shift: () => call("Shift", shiftSchema),
    openShift: (form) => call("OpenShift", nothing, form),
    previewShift: (form) => call("PreviewShift", shiftPreviewSchema, form),
    closeShift: (form) => call("CloseShift", slipSchema, form),

    scan: (code) => call("Scan", scanSchema, code),
    accounts: (query) => call("Accounts", dto.accountPageSchema, query),
    account: (id) => call("Account", dto.accountDetailSchema, id),
    invoices: (query) => call("Invoices", dto.invoicePageSchema, query),
    invoice: (id) => call("Invoice", dto.invoiceDetailSchema, id),

    prices: (currency) => call("Prices", pay.priceListSchema, currency),
    cards: (accountId) => call("Cards", pay.cardListSchema, accountId),

    beginCheckout: (form) => call("BeginCheckout", pay.checkoutSchema, form),
    checkout: (id) => call("Checkout", pay.checkoutSchema, id),
    receipt: (id) => call("Receipt", pay.receiptSchema, id),
    saveReceipt: (page) => call("SaveReceipt", pay.fileSchema, page),

    previewInvoice: (form) => call("PreviewInvoice", dto.invoicePreviewSchema, form),
    saveInvoice: (form) => call("SaveInvoice", dto.savedSchema, form),
    updateInvoice: (change) => call("UpdateInvoice", dto.savedSchema, change),
    previewPayment: (form) => call("PreviewPayment", dto.paymentPreviewSchema, form),
    savePayment: (form) => call("SavePayment", dto.savedSchema, form),
    previewCollect: (form) => call("PreviewCollect", dto.paymentPreviewSchema, form),
    saveCollect: (form) => call("SaveCollect", dto.savedSchema, form),
    voidInvoice: (form) => call("VoidInvoice", dto.savedSchema, form),
    saveContact: (form) => call("SaveContact", dto.savedSchema, form),
    keepFile: (file) => call("KeepFile", pay.keptFileSchema, file),
    saveVisit: (form) => call("SaveVisit", dto.savedSchema, form),

    keepDraft: (draft) => call("KeepDraft", nothing, draft),
    dropDraft: (name) => call("DropDraft", nothing, name),
    drafts: () => call("Drafts", dto.draftsSchema),

    outbox: (query) => call("Outbox", dto.outboxPageSchema, query),
    actionDetail: (id) => call("ActionDetail", dto.actionDetailSchema, id),
    retry: (id) => call("Retry", nothing, { id }),
    discard: (id, reason) => call("Discard", nothing, { id, reason }),
    exportJournal: () => call("ExportJournal", pay.fileSchema),
    conflict: (id) => call("Conflict", pay.conflictSchema, id),
    keepMine: (id) => call("KeepMine", dto.savedSchema, id),

    enrol: (options) => call("Enrol", enrolmentSchema, options),
    checkVersion: () => call("CheckVersion", versionSchema),
    installVersion: () => call("InstallVersion", nothing),
    setEditing: (options) => call("SetEditing", nothing, options),

    forceOffline: (on) => call("ForceOffline", nothing, { on }),
    syncNow: () => call("SyncNow", nothing),
    goOn: () => call("GoOn", nothing),
    salvage: () => call("Salvage", support.rescueSchema),
    refreshReference: () => call("RefreshReference", nothing),
    diagnostics: () => call("Diagnostics", dto.diagnosticsSchema),
    previewBundle: () => call("PreviewBundle", support.bundleSchema),
    sealUnsent: () => call("SealUnsent", handOver.sealedFileSchema),
    takeFile: (content) => call("TakeFile", handOver.takenFileSchema, { content }),
    saveBundle: (id) => call("SaveBundle", support.savedBundleSchema, { id }),
  };
}
