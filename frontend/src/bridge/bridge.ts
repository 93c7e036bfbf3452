/**
 * The face of the core. Screens see these interfaces and nothing else: the
 * window and the browser host stand behind wails.ts, development and tests
 * behind memory/.
 */
import type {
  AccountDetail,
  AccountPage,
  ActionDetail,
  BootstrapDTO,
  DiagnosticsDTO,
  DraftDTO,
  InvoiceDetail,
  InvoicePage,
  InvoicePreview,
  OutboxPage,
  PaymentPreview,
  PersonDTO,
  Saved,
  StatusDTO,
} from "~/bridge/dto";
import type { SealedFile, TakenFile } from "~/bridge/dto-hand-over";
import type { BundleDTO, RescueDTO, SavedBundle } from "~/bridge/dto-support";
import type { VersionCalls } from "~/bridge/bridge-version";
import type { CardList, CheckoutDTO, ConflictDTO, FileDTO, KeptFile, PriceList, ReceiptDTO, ReceiptPage } from "~/bridge/dto-pay";
import type { DoorCalls, ShiftCalls } from "~/bridge/bridge-door";
import type { ScanDTO } from "~/bridge/dto-door";

/** A line of the invoice form, as typed: the core reads it by locale. */
export interface LineForm {
  description: string;
  quantity: string;
  unitPrice: string;
  discount: string;
  taxRate: string;
}

/** The invoice form, as typed. */
export interface InvoiceForm {
  /** The id of the action, made when the form was opened; "" for a fresh one. */
  actionId: string;
  accountId: string;
  contactId: string;
  currency: string;
  description: string;
  notes: string;
  /** year-month-day, or "". */
  dueDate: string;
  /** BCP 47 tag by which the typed numbers are read. */
  locale: string;
  lines: LineForm[];
  /** The action that this one takes the place of; "" for a new one. */
  replaces: string;
}

/** A change of an invoice; only the fields named in `changed` count. */
export interface InvoiceChange {
  /** The id of the action, made when the form was opened; "" for a fresh one. */
  actionId: string;
  invoiceId: string;
  description: string;
  notes: string;
  dueDate: string;
  contactId: string;
  changed: string[];
  /** The action that this one takes the place of; "" for a new one. */
  replaces: string;
}

/** The payment form, as typed. */
export interface PaymentForm {
  /** The id of the action, made when the form was opened; "" for a fresh one. */
  actionId: string;
  invoiceId: string;
  amount: string;
  method: string;
  tendered: string;
  checkNumber: string;
  reference: string;
  note: string;
  locale: string;
  /** The action that this one takes the place of; "" for a new one. */
  replaces: string;
}

/** Takes an invoice out of use. */
export interface InvoiceVoid {
  /** The id of the action, made when the form was opened; "" for a fresh one. */
  actionId: string;
  invoiceId: string;
  reason: string;
  /** The action that this one takes the place of; "" for a new one. */
  replaces: string;
}

/** The form of a new contact, as typed. */
export interface ContactForm {
  /** The id of the action, made when the form was opened; "" for a fresh one. */
  actionId: string;
  accountId: string;
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
  title: string;
  /** The action that this one takes the place of; "" for a new one. */
  replaces: string;
}

/** The form of money that is to be collected, as typed; nothing is received by it. */
export interface CollectForm {
  /** The id of the action, made when the form was opened; "" for a fresh one. */
  actionId: string;
  invoiceId: string;
  amount: string;
  /** card_on_file or payment_link. */
  method: string;
  /** The token of a saved card. */
  cardId: string;
  locale: string;
  /** The action that this one takes the place of; "" for a new one. */
  replaces: string;
}

/** Asks for a page of Stripe's where the customer pays now. */
export interface CheckoutForm {
  /** Made before the first attempt: asking again under it is the same page. */
  id: string;
  invoiceId: string;
  amount: string;
  locale: string;
  saveCard: boolean;
}

/** A photo or a signature as a form took it; content in base64. */
export interface FileForm {
  name: string;
  mediaType: string;
  role: "photo" | "signature";
  content: string;
}

/** The visit form, as typed. */
export interface VisitForm {
  /** The id of the action, made when the form was opened; "" for a fresh one. */
  actionId: string;
  accountId: string;
  contactId: string;
  invoiceId: string;
  note: string;
  outcome: string;
  /** Photos and signatures that were kept before. */
  files: KeptFile[];
  /** The action that this one takes the place of; "" for a new one. */
  replaces: string;
}

/** Which part of a list to show. */
export interface ListQuery {
  search: string;
  limit: number;
  offset: number;
}

/** Which actions: not yet settled, in need of a person, or all. */
export type OutboxFilter = "unsent" | "needs" | "all";

/** What may have changed, told after the change is durable. */
export const topics = ["status", "outbox", "reference", "session"] as const;
export type Topic = (typeof topics)[number];

/** Who is here, and how things stand. */
export interface SessionCalls {
  bootstrap(): Promise<BootstrapDTO>;
  signIn(credentials: { username: string; password: string }): Promise<PersonDTO>;
  /** Refused with code not_possible while work is unsent, unless forced. */
  signOut(options: { force: boolean }): Promise<void>;
  status(): Promise<StatusDTO>;
  /** Calls the listener after each change; returns the way to stop. */
  subscribe(listener: (topic: Topic) => void): () => void;
}

/** Records to look at: the reference cache with what the outbox adds. */
export interface RecordCalls {
  /** What a scanned code stands for; kind "" is nothing that is known here. */
  scan(code: string): Promise<ScanDTO>;
  accounts(query: ListQuery): Promise<AccountPage>;
  account(id: string): Promise<AccountDetail>;
  invoices(query: ListQuery & { accountId: string }): Promise<InvoicePage>;
  invoice(id: string): Promise<InvoiceDetail>;
  /** The price list in a currency, as old as it says. */
  prices(currency: string): Promise<PriceList>;
  /** Saved cards: the server's while there is a connection, else those of the last look. */
  cards(accountId: string): Promise<CardList>;
}

/** Money online, and proof of what was done. */
export interface PayCalls {
  /** Needs a connection; opens the page in the system's browser where the host can. */
  beginCheckout(form: CheckoutForm): Promise<CheckoutDTO>;
  checkout(id: string): Promise<CheckoutDTO>;
  receipt(actionId: string): Promise<ReceiptDTO>;
  /** Makes a PDF; it lies in a folder of the computer, or is for the browser to keep. */
  saveReceipt(page: ReceiptPage): Promise<FileDTO>;
}

/** Forms: previews compute, saves are durable when they answer. */
export interface FormCalls {
  previewInvoice(form: InvoiceForm): Promise<InvoicePreview>;
  saveInvoice(form: InvoiceForm): Promise<Saved>;
  updateInvoice(change: InvoiceChange): Promise<Saved>;
  previewPayment(form: PaymentForm): Promise<PaymentPreview>;
  savePayment(form: PaymentForm): Promise<Saved>;
  previewCollect(form: CollectForm): Promise<PaymentPreview>;
  saveCollect(form: CollectForm): Promise<Saved>;
  voidInvoice(form: InvoiceVoid): Promise<Saved>;
  saveContact(form: ContactForm): Promise<Saved>;
  /** Keeps the bytes of a photo or a signature, sealed. */
  keepFile(file: FileForm): Promise<KeptFile>;
  saveVisit(form: VisitForm): Promise<Saved>;
}

/** A form that is begun: where it stands, and what was typed, as JSON of its own. */
export interface DraftForm {
  name: string;
  actionId: string;
  address: string;
  values: string;
}

/** What was typed and not saved; durable when they answer. */
export interface DraftCalls {
  keepDraft(draft: DraftForm): Promise<void>;
  dropDraft(name: string): Promise<void>;
  /** Those of who uses the device, the last one first. */
  drafts(): Promise<DraftDTO[]>;
}

/** The journal, and what a person decides about it. */
export interface OutboxCalls {
  outbox(query: { filter: OutboxFilter; before: number; limit: number }): Promise<OutboxPage>;
  actionDetail(id: string): Promise<ActionDetail>;
  retry(id: string): Promise<void>;
  discard(id: string, reason: string): Promise<void>;
  /** Everything that the journal holds, for the person to keep. */
  exportJournal(): Promise<FileDTO>;
  /** Mine beside the server's, field by field. */
  conflict(id: string): Promise<ConflictDTO>;
  /** Asks again over what the server has now, after a person saw both. */
  keepMine(id: string): Promise<Saved>;
}

/** The device itself. */
export interface DeviceCalls {
  forceOffline(on: boolean): Promise<void>;
  syncNow(): Promise<void>;
  /** Goes on with a journal that the server refuses as an older copy; a person's decision. */
  goOn(): Promise<void>;
  /** Makes a new journal of what is intact in a damaged one; a person's decision. */
  salvage(): Promise<RescueDTO>;
  refreshReference(): Promise<void>;
  diagnostics(): Promise<DiagnosticsDTO>;
  /** Gathers what support asks for, to look through. */
  previewBundle(): Promise<BundleDTO>;
  /** Saves the bundle that was looked through. */
  saveBundle(id: string): Promise<SavedBundle>;
  /** Unsent work in a file that only the server can read; not_possible when there is none. */
  sealUnsent(): Promise<SealedFile>;
  /** Brings sealed work to the server, or notes a receipt; the content in base64. */
  takeFile(content: string): Promise<TakenFile>;
}

/** Everything the screens may ask of the core. */
export type Bridge = SessionCalls & DoorCalls & ShiftCalls & RecordCalls & PayCalls & FormCalls & DraftCalls & OutboxCalls & DeviceCalls & VersionCalls;
