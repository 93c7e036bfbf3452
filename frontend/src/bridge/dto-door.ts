/** What crosses the bridge about who may come in. */
import * as z from "zod";

const doorPerson = z.object({
  id: z.string(),
  /** First name and the letter of the last. */
  name: z.string(),
  /** May let others leave a kiosk or pass a limit. */
  manager: z.boolean(),
  pin: z.boolean(),
  badge: z.boolean(),
  /** How long no PIN of this person is looked at. */
  waitSeconds: z.number().int(),
  /** Works here, or did when it was locked. */
  here: z.boolean(),
});
export type DoorPersonDTO = z.infer<typeof doorPerson>;

export const doorSchema = z.object({
  locked: z.boolean(),
  kiosk: z.boolean(),
  /** How much is not as it should be around a kiosk. */
  gaps: z.number().int(),
  /** A manager can end this kiosk here. */
  leaves: z.boolean(),
  /** Whoever is here sets a PIN before anything else. */
  pinNeeded: z.boolean(),
  /** Whoever is here may set a PIN without the one before. */
  proved: z.boolean(),
  /** After how long without a hand on it the screen locks; 0 is never. */
  idleSeconds: z.number().int(),
  idleChoice: z.number().int(),
  idleManaged: z.boolean(),
  people: z.array(doorPerson),
  minPin: z.number().int(),
  maxPin: z.number().int(),
});
/** What a screen may know before anybody has unlocked it. */
export type DoorDTO = z.infer<typeof doorSchema>;

export const kioskSchema = z.object({
  on: z.boolean(),
  findings: z.array(z.object({ name: z.string(), ok: z.boolean(), what: z.string() })),
});
/** What stands around the window of a kiosk. */
export type KioskDTO = z.infer<typeof kioskSchema>;

export const scanSchema = z.object({ kind: z.enum(["customer", "invoice", ""]), id: z.string() });
export type ScanDTO = z.infer<typeof scanSchema>;
