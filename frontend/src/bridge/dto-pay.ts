/** What crosses the bridge about prices, cards, checkouts, receipts and conflicts. */
import * as z from "zod";
import { invoiceRowSchema } from "~/bridge/dto";

export const priceListSchema = z.object({
  asOf: z.string(),
  items: z.array(
    z.object({
      productId: z.string(),
      code: z.string(),
      name: z.string(),
      family: z.string(),
      /** In percent, as a plain decimal, or "". */
      taxRate: z.string(),
      unitPrice: z.number().int(),
    }),
  ),
});
/** The price list in one currency. */
export type PriceList = z.infer<typeof priceListSchema>;
export type PriceDTO = PriceList["items"][number];

export const cardListSchema = z.object({
  cards: z.array(
    z.object({ id: z.string(), brand: z.string(), last4: z.string(), expMonth: z.number().int(), expYear: z.number().int() }),
  ),
  /** The server was asked just now. */
  fresh: z.boolean(),
  /** Somebody has looked before; false says that nothing is known. */
  known: z.boolean(),
});
/** The saved cards of a customer, as far as they may be shown. */
export type CardList = z.infer<typeof cardListSchema>;

export const checkoutSchema = z.object({
  id: z.string(),
  status: z.enum(["open", "paid", "expired"]),
  url: z.string(),
  /** The payment is on the invoice. */
  booked: z.boolean(),
  /** The page was opened in the system's browser. */
  opened: z.boolean(),
});
/** How far a checkout has come; paid only when Stripe says so. */
export type CheckoutDTO = z.infer<typeof checkoutSchema>;

export const receiptSchema = z.object({
  actionId: z.string(),
  kind: z.string(),
  standing: z.enum(["provisional", "final", "requested", "refused", "void"]),
  sequence: z.number().int(),
  hash: z.string(),
  deviceId: z.string(),
  actor: z.string(),
  savedAt: z.string(),
  confirmedAt: z.string(),
  serverId: z.string(),
  accountName: z.string(),
  invoiceNumber: z.string(),
  description: z.string(),
  dueDate: z.string(),
  currency: z.string(),
  lines: z.array(
    z.object({
      description: z.string(),
      quantity: z.string(),
      unitPrice: z.number().int(),
      discount: z.number().int(),
      taxRate: z.string(),
      net: z.number().int(),
    }),
  ),
  net: z.number().int(),
  taxes: z.array(z.object({ rate: z.string(), net: z.number().int(), amount: z.number().int() })),
  amount: z.number().int(),
  method: z.string(),
  tendered: z.number().int(),
  change: z.number().int(),
  checkNumber: z.string(),
  reference: z.string(),
});
/** What a receipt says, all of it from the journal. */
export type ReceiptDTO = z.infer<typeof receiptSchema>;

/** A receipt in the words and figures of the person's language. */
export interface ReceiptPage {
  actionId: string;
  title: string;
  standing: string;
  facts: ReceiptRow[];
  lines: ReceiptRow[];
  sums: ReceiptRow[];
}

/** A name, what stands small under it, and a value. */
export interface ReceiptRow {
  name: string;
  detail: string;
  value: string;
}

export const keptFileSchema = z.object({
  sha256: z.string(),
  size: z.number().int(),
  mediaType: z.string(),
  name: z.string(),
  role: z.string(),
});
/** A file that lies on this device under the hash of its content. */
export type KeptFile = z.infer<typeof keptFileSchema>;

export const fileSchema = z.object({ name: z.string(), mediaType: z.string(), content: z.string(), path: z.string() });
/** A file: at a path of the computer, or in base64 for the browser to keep. */
export type FileDTO = z.infer<typeof fileSchema>;

export const conflictSchema = z.object({
  actionId: z.string(),
  kind: z.string(),
  fields: z.array(z.object({ name: z.string(), mine: z.string(), theirs: z.string(), known: z.boolean() })),
  invoice: invoiceRowSchema,
  asOf: z.string(),
  canKeep: z.boolean(),
});
/** What an action wants beside what the server has. */
export type ConflictDTO = z.infer<typeof conflictSchema>;
