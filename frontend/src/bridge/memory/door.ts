/** The twin's register of people, and whether its screens are locked. */
import type { Bridge } from "~/bridge/bridge";
import type { PersonDTO } from "~/bridge/dto";
import { BridgeError } from "~/bridge/error";

/** Somebody who signed in on the twin. */
export interface Member {
  person: PersonDTO;
  manager: boolean;
  pin: string;
  badge: string;
  failures: number;
  /** The time before which no PIN is looked at, in milliseconds. */
  until: number;
}

/** What a locked screen may ask. */
const outside: readonly (keyof Bridge)[] = [
  "bootstrap",
  "signIn",
  "status",
  "door",
  "unlock",
  "unlockByBadge",
  "lock",
  "leaveKiosk",
];
/** What somebody may ask who has to set a PIN first. */
const onTheStep: readonly (keyof Bridge)[] = [...outside, "setPin", "signOut"];

export class MemoryDoor {
  readonly members: Member[] = [];
  locked = false;
  proved = "";
  /** A manager has allowed one payment over the caps. */
  approved = false;
  /** A manager has ended the kiosk. */
  gone = false;
  idle: number;

  constructor(
    readonly kiosk: boolean,
    readonly pinRequired: boolean,
    private readonly now: () => string,
  ) {
    this.idle = kiosk ? 120 : 900;
  }

  remember(person: PersonDTO, manager: boolean): Member {
    const known = this.member(person.id);
    if (known) return known;
    const member = { person, manager, pin: "", badge: "", failures: 0, until: 0 };
    this.members.push(member);
    return member;
  }

  /** Forgets who signed out; a colleague's PIN locks the door behind them. */
  leave(id: string): void {
    const i = this.members.findIndex((m) => m.person.id === id);
    if (i >= 0) this.members.splice(i, 1);
    this.locked = this.members.some((m) => m.pin !== "");
    this.proved = "";
  }

  member(id: string): Member | undefined {
    return this.members.find((m) => m.person.id === id);
  }

  pinNeeded(here: string): boolean {
    return this.pinRequired && here !== "" && !this.member(here)?.pin;
  }

  /** Refuses what a locked screen must not learn. */
  admit(method: keyof Bridge, here: string): void {
    const allowed = this.locked ? outside : onTheStep;
    if ((this.locked || this.pinNeeded(here)) && !allowed.includes(method)) {
      throw new BridgeError({ code: "locked", message: "The screen is locked" });
    }
  }

  waitSeconds(m: Member): number {
    return Math.max(0, Math.ceil((m.until - Date.parse(this.now())) / 1000));
  }

  /** The same for somebody who may decide for others. */
  checkManager(id: string, pin: string): Member {
    if (!this.member(id)?.manager) throw new BridgeError({ code: "manager_needed", message: "That needs a manager's PIN" });
    return this.check(id, pin);
  }

  /** Finds whether the PIN is the person's; slows guessing down as the core does. */
  check(id: string, pin: string): Member {
    const m = this.member(id);
    if (!m?.pin) throw new BridgeError({ code: "sign_in_needed", message: "This person has not signed in on this device" });
    if (this.waitSeconds(m) > 0) throw new BridgeError({ code: "pin_wait", message: "Too many wrong PINs. Wait a moment" });
    if (m.pin !== pin) {
      m.failures++;
      if (m.failures > 2) m.until = Date.parse(this.now()) + Math.min(900, 5 * 2 ** (m.failures - 3)) * 1000;
      throw new BridgeError({ code: "pin_wrong", message: "That is not the PIN" });
    }
    m.failures = 0;
    return m;
  }
}

/** The core's rule of PINs. */
export function pinFault(pin: string): string {
  if (!/^[0-9]{6,12}$/.test(pin)) return "must have 6 to 12 digits";
  const step = pin.charCodeAt(1) - pin.charCodeAt(0);
  const steady = Math.abs(step) <= 1 && [...pin].every((_, i) => i === 0 || pin.charCodeAt(i) - pin.charCodeAt(i - 1) === step);
  return steady ? "is too easy to guess" : "";
}
