/** What crosses the bridge about new versions and about how the server knows this device. */
import * as z from "zod";

export const versionSchema = z.object({
  /** off, current, available, refused, installing, or installed: that takes the next start. */
  state: z.enum(["off", "current", "available", "refused", "installing", "installed"]),
  version: z.string(),
  /** A line for each change. */
  notes: z.string(),
  /** Why it is refused, or who installs it. */
  reason: z.string(),
  installable: z.boolean(),
  checkedAt: z.string(),
  percent: z.number().int(),
  failure: z.string(),
});
/** What is known of new versions. */
export type VersionDTO = z.infer<typeof versionSchema>;

export const enrolmentSchema = z.object({ name: z.string(), at: z.string() });
/** By what name the server knows this device; "" where no code was used. */
export type EnrolmentDTO = z.infer<typeof enrolmentSchema>;
