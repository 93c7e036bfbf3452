/**
 * What crosses the bridge, as flat data: times are RFC 3339 text in UTC ("" is
 * none), money is integer minor units beside a lower-case ISO 4217 code, lists
 * are never null. Each shape is a schema, so that an answer of another build is
 * found where it arrives and not three screens later.
 */
import * as z from "zod";
import { enrolmentSchema, versionSchema } from "~/bridge/dto-version";

const money = z.object({ amount: z.number().int(), currency: z.string() });
/** An amount in minor units of a currency. */
export type MoneyDTO = z.infer<typeof money>;

export const personSchema = z.object({ id: z.string(), name: z.string(), email: z.string() });
/** Who uses the device; id "" is nobody. */
export type PersonDTO = z.infer<typeof personSchema>;

export const bootstrapSchema = z.object({
  version: z.string(),
  environment: z.string(),
  bffUrl: z.string(),
  platform: z.string(),
  /** BCP 47; "" leaves it to the browser. */
  locale: z.string(),
  deviceId: z.string(),
  /** keychain, passphrase, or file (unprotected). */
  keyProtection: z.string(),
  host: z.string(),
  /** Every currency with its number of minor digits by ISO 4217. */
  currencies: z.array(z.object({ code: z.string(), digits: z.number().int() })),
  methods: z.array(z.string()),
  visitOutcomes: z.array(z.string()),
  person: personSchema,
  signedIn: z.boolean(),
  enrolment: enrolmentSchema,
});
/** What never changes while the program runs, asked once. */
export type BootstrapDTO = z.infer<typeof bootstrapSchema>;

/** How an action stands on this device, in the words of the journal. */
export const actionStates = [
  "pending",
  "sending",
  "accepted",
  "applied",
  "waiting",
  "unconfirmed",
  "held",
  "review",
  "failed",
  "superseded",
  "discarded",
  "handed-over",
] as const;
const actionState = z.enum(actionStates);
export type ActionState = z.infer<typeof actionState>;

/** The ways of the connection, best first. */
export const connectionStates = ["online", "degraded", "portal", "signed-out", "offline", "forced-offline"] as const;
const connectionSchema = z.object({
  state: z.enum(connectionStates),
  since: z.string(),
  code: z.string(),
  reason: z.string(),
  /** Upstreams that are down: salesforce, stripe. */
  down: z.array(z.string()),
});
export type ConnectionDTO = z.infer<typeof connectionSchema>;

const countsSchema = z.record(z.string(), z.number().int());

export const statusSchema = z.object({
  connection: connectionSchema,
  unsent: z.object({
    count: z.number().int(),
    oldestAt: z.string(),
    payments: z.array(money),
    invoices: z.array(money),
  }),
  /** How loudly to tell that work is unsent, and when the oldest of it was done. */
  overdue: z.object({ level: z.enum(["", "badge", "notice"]), since: z.string() }),
  /** Actions by state. */
  counts: countsSchema,
  draining: z.boolean(),
  done: z.number().int(),
  total: z.number().int(),
  lastSyncAt: z.string(),
  needsYou: z.number().int(),
  person: personSchema,
  signedIn: z.boolean(),
  version: versionSchema,
  /** The journal is not as FieldPay left it: a salvage is offered. */
  journalDamaged: z.boolean(),
  disk: z.object({ low: z.boolean(), free: z.number().int() }),
});
/** What the status line shows. */
export type StatusDTO = z.infer<typeof statusSchema>;

const accountSchema = z.object({
  id: z.string(),
  name: z.string(),
  industry: z.string(),
  phone: z.string(),
  website: z.string(),
  openBalance: z.array(money),
});
export type AccountDTO = z.infer<typeof accountSchema>;

const contactSchema = z.object({
  id: z.string(),
  accountId: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  email: z.string(),
  phone: z.string(),
  title: z.string(),
  /** The action that makes the contact, "" once Salesforce has it. */
  actionId: z.string(),
  actionState: z.union([actionState, z.literal("")]),
});
export type ContactDTO = z.infer<typeof contactSchema>;

export const invoiceRowSchema = z.object({
  id: z.string(),
  /** The number that Salesforce gave; "" while it does not know the invoice. */
  number: z.string(),
  accountId: z.string(),
  accountName: z.string(),
  contactId: z.string(),
  description: z.string(),
  amount: z.number().int(),
  /** What Salesforce knows as paid. */
  paid: z.number().int(),
  balance: z.number().int(),
  currency: z.string(),
  /** Salesforce's word: draft, pending, paid, failed; "" when it has none yet. */
  status: z.string(),
  /** Where we know it from. */
  origin: z.enum(["confirmed", "local", "both"]),
  /** The newest action on this device about the invoice, "" when there is none. */
  actionId: z.string(),
  actionState: z.union([actionState, z.literal("")]),
  createdAt: z.string(),
  updatedAt: z.string(),
  dueDate: z.string(),
  version: z.number().int(),
  /** Payments that are still in the outbox. */
  pendingPaid: z.number().int(),
});
/** An invoice: what Salesforce confirmed and what this device adds, side by side. */
export type InvoiceRow = z.infer<typeof invoiceRowSchema>;

const actionRowSchema = z.object({
  id: z.string(),
  sequence: z.number().int(),
  type: z.string(),
  state: actionState,
  lane: z.string(),
  /** English, for consoles; screens say it from the names below. */
  title: z.string(),
  subtitle: z.string(),
  amount: z.number().int(),
  currency: z.string(),
  createdAt: z.string(),
  since: z.string(),
  nextAt: z.string(),
  attempt: z.number().int(),
  blockedBy: z.string(),
  replacedBy: z.string(),
  code: z.string(),
  reason: z.string(),
  actor: z.string(),
  serverId: z.string(),
  /** Goes by itself, and is unsent for so long that its line tells it. */
  late: z.boolean(),
  accountId: z.string(),
  accountName: z.string(),
  invoiceId: z.string(),
  invoiceNumber: z.string(),
  description: z.string(),
  method: z.string(),
  outcome: z.string(),
  /** How far money that was to be collected has come: requested, paid, or "". */
  result: z.string(),
  /** Where the customer pays it, or "". */
  link: z.string(),
});
/** One action of the journal, as a line. */
export type ActionRow = z.infer<typeof actionRowSchema>;

export const accountPageSchema = z.object({ asOf: z.string(), total: z.number().int(), items: z.array(accountSchema) });
export type AccountPage = z.infer<typeof accountPageSchema>;

export const accountDetailSchema = z.object({
  asOf: z.string(),
  account: accountSchema,
  contacts: z.array(contactSchema),
  invoices: z.array(invoiceRowSchema),
});
export type AccountDetail = z.infer<typeof accountDetailSchema>;

export const invoicePageSchema = z.object({
  asOf: z.string(),
  total: z.number().int(),
  items: z.array(invoiceRowSchema),
});
export type InvoicePage = z.infer<typeof invoicePageSchema>;

export const invoiceDetailSchema = z.object({ row: invoiceRowSchema, actions: z.array(actionRowSchema) });
export type InvoiceDetail = z.infer<typeof invoiceDetailSchema>;

const fieldsSchema = z.record(z.string(), z.string());

export const invoicePreviewSchema = z.object({
  lines: z.array(z.object({ net: z.number().int() })),
  net: z.number().int(),
  taxes: z.array(z.object({ rate: z.string(), net: z.number().int(), amount: z.number().int() })),
  tax: z.number().int(),
  total: z.number().int(),
  currency: z.string(),
  /** What is wrong, by path: "lines[0].quantity". */
  fields: fieldsSchema,
});
export type InvoicePreview = z.infer<typeof invoicePreviewSchema>;

export const paymentPreviewSchema = z.object({
  amount: z.number().int(),
  tendered: z.number().int(),
  change: z.number().int(),
  currency: z.string(),
  balance: z.number().int(),
  balanceAfter: z.number().int(),
  fields: fieldsSchema,
  /** overpays, duplicate, requested: said, never refused. */
  warnings: z.array(z.string()),
});
export type PaymentPreview = z.infer<typeof paymentPreviewSchema>;

export const savedSchema = z.object({
  actionId: z.string(),
  sequence: z.number().int(),
  recordId: z.string(),
  lane: z.string(),
  hash: z.string(),
  savedAt: z.string(),
});
/** The proof that an action is durable on this device. */
export type Saved = z.infer<typeof savedSchema>;

export const draftsSchema = z.array(
  z.object({ name: z.string(), actionId: z.string(), address: z.string(), values: z.string(), at: z.string() }),
);
/** A form that was begun and not saved. */
export type DraftDTO = z.infer<typeof draftsSchema>[number];

export const outboxPageSchema = z.object({
  items: z.array(actionRowSchema),
  /** The sequence to ask on from; 0 at the end. */
  next: z.number().int(),
});
export type OutboxPage = z.infer<typeof outboxPageSchema>;

export const actionDetailSchema = z.object({
  row: actionRowSchema,
  /** Pretty-printed JSON, for eyes only. */
  payload: z.string(),
  fields: fieldsSchema,
  history: z.array(
    z.object({
      at: z.string(),
      from: z.string(),
      to: actionState,
      code: z.string(),
      message: z.string(),
      by: z.string(),
      attempt: z.number().int(),
    }),
  ),
  hash: z.string(),
});
export type ActionDetail = z.infer<typeof actionDetailSchema>;
/** One transition in the life of an action. */
export type ActionStep = ActionDetail["history"][number];

export const diagnosticsSchema = z.object({
  version: z.string(),
  environment: z.string(),
  bffUrl: z.string(),
  deviceId: z.string(),
  keyProtection: z.string(),
  connection: connectionSchema,
  lastSyncAt: z.string(),
  counts: countsSchema,
  journal: z.object({ entries: z.number().int(), ok: z.boolean() }),
  events: z.array(z.object({ at: z.string(), name: z.string(), fields: z.record(z.string(), z.unknown()) })),
  /** How the connection stood in the last 72 hours, oldest first and without gaps. */
  connections: z.array(z.object({ from: z.string(), to: z.string(), state: z.string(), code: z.string() })),
  now: z.string(),
});
export type DiagnosticsDTO = z.infer<typeof diagnosticsSchema>;
