/** What support gets, as it crosses the bridge. */
import { z } from "zod";

export const bundleSchema = z.object({
  id: z.string(),
  /** Whether it will be sealed to the company's key. */
  sealed: z.boolean(),
  parts: z.array(z.object({ name: z.string(), about: z.string(), text: z.string() })),
});
/** A support bundle to look through before it is saved. */
export type BundleDTO = z.infer<typeof bundleSchema>;

export const savedBundleSchema = z.object({ path: z.string(), sealed: z.boolean() });
/** Where a support bundle was saved. */
export type SavedBundle = z.infer<typeof savedBundleSchema>;

export const rescueSchema = z.object({ rescued: z.number().int(), known: z.number().int(), aside: z.string() });
/** What a salvage did: so many of so many actions are in the new journal; the damaged file lies aside. */
export type RescueDTO = z.infer<typeof rescueSchema>;
