/** The part of the core's face that people who share a device need. */
import type { PersonDTO } from "~/bridge/dto";
import type { DoorDTO, KioskDTO } from "~/bridge/dto-door";
import type { ShiftDTO, ShiftForm, ShiftPreview, SlipDTO } from "~/bridge/dto-shift";

/** Who may come in; all but setBadge and setIdleLock answer while the screen is locked. */
export interface DoorCalls {
  door(): Promise<DoorDTO>;
  /** Lets a person in by their PIN: pin_wrong, or pin_wait after several wrong ones. */
  unlock(form: { personId: string; pin: string }): Promise<PersonDTO>;
  unlockByBadge(code: string): Promise<PersonDTO>;
  /** Refused with not_possible where whoever is here has no PIN. */
  lock(): Promise<void>;
  /** Sets the PIN of whoever is here; `before` is the one that it replaces. */
  setPin(form: { before: string; pin: string }): Promise<void>;
  /** Gives whoever is here a badge; code "" takes it away. */
  setBadge(form: { code: string; pin: string }): Promise<void>;
  setIdleLock(seconds: number): Promise<void>;
  /** A manager's word that the next payment may pass the caps. */
  approve(form: { personId: string; pin: string }): Promise<void>;
  /** Closes the window of a kiosk, by a manager's PIN. */
  leaveKiosk(form: { personId: string; pin: string }): Promise<void>;
  kiosk(): Promise<KioskDTO>;
}

/** The cash drawer. */
export interface ShiftCalls {
  shift(): Promise<ShiftDTO>;
  openShift(form: ShiftForm): Promise<void>;
  previewShift(form: ShiftForm): Promise<ShiftPreview>;
  /** Closes the shift; its slip is durable when it answers. */
  closeShift(form: ShiftForm): Promise<SlipDTO>;
}
