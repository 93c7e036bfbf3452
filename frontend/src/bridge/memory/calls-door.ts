import type { DoorCalls } from "~/bridge/bridge-door";
import type { PersonDTO } from "~/bridge/dto";
import type { DoorDTO } from "~/bridge/dto-door";
import { BridgeError } from "~/bridge/error";
import type { MemoryCore } from "~/bridge/memory/core";
import { type Member, pinFault } from "~/bridge/memory/door";

/** Who may come in. */
export function doorCalls(core: MemoryCore): DoorCalls {
  const { door } = core;

  function enter(m: Member): PersonDTO {
    core.person = m.person;
    door.locked = false;
    door.proved = "";
    core.tell("session");
    return m.person;
  }

  return {
    async door(): Promise<DoorDTO> {
      await core.admit("door");
      const here = core.person.id;
      const locks = !door.locked && (door.kiosk || !!door.member(here)?.pin);
      return {
        locked: door.locked,
        kiosk: door.kiosk,
        gaps: door.kiosk ? 1 : 0,
        leaves: door.kiosk,
        pinNeeded: !door.locked && door.pinNeeded(here),
        proved: door.proved !== "" && door.proved === here,
        idleSeconds: locks ? door.idle : 0,
        idleChoice: door.idle,
        idleManaged: false,
        people: door.members.map((m) => ({
          id: m.person.id,
          name: shortName(m.person),
          manager: m.manager,
          pin: m.pin !== "",
          badge: m.badge !== "",
          waitSeconds: door.waitSeconds(m),
          here: m.person.id === here,
        })),
        minPin: 6,
        maxPin: 12,
      };
    },

    async unlock({ personId, pin }): Promise<PersonDTO> {
      await core.admit("unlock");
      return enter(door.check(personId, pin));
    },

    async unlockByBadge(code: string): Promise<PersonDTO> {
      await core.admit("unlockByBadge");
      const m = door.members.find((o) => o.badge !== "" && o.badge === code);
      if (!m) throw new BridgeError({ code: "pin_wrong", message: "Nobody here has this badge" });
      return enter(m);
    },

    async lock(): Promise<void> {
      await core.admit("lock");
      if (!door.kiosk && !door.member(core.person.id)?.pin) {
        throw new BridgeError({ code: "not_possible", message: "There is no PIN to open it again" });
      }
      door.locked = true;
      door.proved = "";
      core.tell("session");
    },

    async setPin({ before, pin }): Promise<void> {
      await core.admit("setPin");
      const m = door.remember(core.person, false);
      if (m.pin && door.proved !== m.person.id) door.check(m.person.id, before);
      const fault = pinFault(pin);
      if (fault) throw new BridgeError({ code: "invalid_payload", message: "Choose another PIN", fields: { pin: fault } });
      m.pin = pin;
      core.tell("session");
    },

    async setBadge({ code, pin }): Promise<void> {
      await core.admit("setBadge");
      door.check(core.person.id, pin).badge = code;
      core.tell("session");
    },

    async approve({ personId, pin }): Promise<void> {
      await core.admit("approve");
      door.checkManager(personId, pin);
      door.approved = true;
      core.tell("reference");
    },

    async leaveKiosk({ personId, pin }): Promise<void> {
      await core.admit("leaveKiosk");
      if (!door.kiosk) throw new BridgeError({ code: "not_possible", message: "This is not the window of a kiosk" });
      door.checkManager(personId, pin);
      door.gone = true;
    },

    async kiosk() {
      await core.admit("kiosk");
      const findings = [
        { name: "session", ok: true, what: "" },
        { name: "consoles", ok: false, what: "cage -s" },
      ];
      return { on: door.kiosk, findings: door.kiosk ? findings : [] };
    },

    async setIdleLock(seconds: number): Promise<void> {
      await core.admit("setIdleLock");
      door.idle = seconds;
      core.tell("session");
    },
  };
}

function shortName({ name }: PersonDTO): string {
  const [first = "", ...rest] = name.split(" ");
  const last = rest.at(-1);
  return last ? `${first} ${last.charAt(0)}.` : first;
}
