/** Unsent work that leaves or enters by hand, as it crosses the bridge. */
import { z } from "zod";
import { fileSchema } from "~/bridge/dto-pay";

export const sealedFileSchema = z.object({
  file: fileSchema,
  actions: z.number(),
  /** Whether others did not fit. */
  more: z.boolean(),
});
/** A file of unsent work that only the server can read. */
export type SealedFile = z.infer<typeof sealedFileSchema>;

export const takenFileSchema = z.object({
  /** The server's receipt; its name is "" where a receipt was taken. */
  receipt: fileSchema,
  actions: z.number(),
  taken: z.number(),
});
/** What came of a file that somebody carried here. */
export type TakenFile = z.infer<typeof takenFileSchema>;
