/** What crosses the bridge about the shifts of a cash drawer. */
import * as z from "zod";

const line = z.object({
  currency: z.string(),
  float: z.number().int(),
  taken: z.number().int(),
  payments: z.number().int(),
  expected: z.number().int(),
  counted: z.number().int(),
  /** What was counted beyond what is expected. */
  difference: z.number().int(),
});
/** One currency of a shift, in minor units. */
export type ShiftLine = z.infer<typeof line>;

export const slipSchema = z.object({
  openedAt: z.string(),
  openedBy: z.string(),
  closedAt: z.string(),
  closedBy: z.string(),
  note: z.string(),
  lines: z.array(line),
});
/** A shift that was closed. */
export type SlipDTO = z.infer<typeof slipSchema>;

export const shiftSchema = z.object({
  open: z.boolean(),
  openedAt: z.string(),
  openedBy: z.string(),
  lines: z.array(line),
  slips: z.array(slipSchema),
});
/** How the drawer stands. */
export type ShiftDTO = z.infer<typeof shiftSchema>;

export const shiftPreviewSchema = z.object({ lines: z.array(line), fields: z.record(z.string(), z.string()) });
export type ShiftPreview = z.infer<typeof shiftPreviewSchema>;

/** What is in the drawer, as typed. */
export interface ShiftForm {
  counts: { currency: string; amount: string }[];
  note: string;
  locale: string;
}
