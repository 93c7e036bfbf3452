import type { DeviceCalls, SessionCalls } from "~/bridge/bridge";
import type { BootstrapDTO, PersonDTO, StatusDTO } from "~/bridge/dto";
import type { RescueDTO } from "~/bridge/dto-support";
import { BridgeError } from "~/bridge/error";
import { demo, manager, type MemoryCore, nobody } from "~/bridge/memory/core";
import { needsPerson } from "~/bridge/memory/journal";
import { sumByCurrency } from "~/bridge/memory/records";

/** Who is here, and how things stand. */
export function sessionCalls(core: MemoryCore): SessionCalls {
  return {
    async bootstrap(): Promise<BootstrapDTO> {
      await core.admit("bootstrap");
      return core.facts();
    },

    async signIn(credentials: { username: string; password: string }): Promise<PersonDTO> {
      await core.admit("signIn");
      if (!core.network) {
        throw new BridgeError({ code: "offline", message: "There is no way to the server. Everything is kept and sent later" });
      }
      const person = [demo, manager].find((p) => p.email === credentials.username);
      if (!person || credentials.password !== "demo123") {
        throw new BridgeError({ code: "bad_credentials", message: "The name or the password is not right" });
      }
      core.person = person;
      core.door.remember(person, person === manager);
      core.door.locked = false;
      core.door.proved = person.id;
      core.tell("session");
      core.drain();
      return person;
    },

    async signOut(options: { force: boolean }): Promise<void> {
      await core.admit("signOut");
      if (!options.force && core.unsent().length > 0) {
        throw new BridgeError({ code: "not_possible", message: "There is unsent work", hint: "Send it first, or sign out and keep it here" });
      }
      core.door.leave(core.person.id);
      core.person = nobody;
      core.tell("session");
    },

    async status(): Promise<StatusDTO> {
      await core.admit("status");
      const unsent = core.unsent();
      const inside = !core.door.locked && !core.door.pinNeeded(core.person.id);
      const valueOf = (type: string) => sumByCurrency(unsent.filter((e) => e.row.type === type).map((e) => e.row));
      return {
        connection: core.connection,
        unsent: {
          count: unsent.length,
          oldestAt: unsent[0]?.row.createdAt ?? "",
          payments: inside ? valueOf("record_payment") : [],
          invoices: inside ? valueOf("create_invoice") : [],
        },
        overdue: core.overdue(),
        counts: core.counts(),
        draining: false,
        done: 0,
        total: 0,
        lastSyncAt: core.lastSyncAt,
        needsYou: core.journal.entries.filter((e) => needsPerson(e.row.state)).length,
        person: core.door.locked ? nobody : core.person,
        signedIn: core.person.id !== "",
        version: core.version,
        journalDamaged: core.damaged,
        disk: { low: core.free < 200 * 2 ** 20, free: core.free },
      };
    },

    subscribe(listener) {
      core.listeners.add(listener);
      return () => core.listeners.delete(listener);
    },
  };
}

/** The device itself. */
export function deviceCalls(core: MemoryCore): Omit<DeviceCalls, "sealUnsent" | "takeFile"> {
  return {
    async forceOffline(on: boolean): Promise<void> {
      await core.admit("forceOffline");
      core.forced = on;
      core.feel();
      core.drain();
    },

    async syncNow(): Promise<void> {
      await core.admit("syncNow");
      core.drain();
    },

    async goOn(): Promise<void> {
      await core.admit("goOn");
      if (!core.network) throw new BridgeError({ code: "offline", message: "There is no way to the server" });
      core.rolledBack = false;
      core.feel();
      core.drain();
    },

    async salvage(): Promise<RescueDTO> {
      await core.admit("salvage");
      if (!core.damaged) throw new BridgeError({ code: "not_possible", message: "The journal is not damaged" });
      core.damaged = false;
      core.rolledBack = true;
      core.feel();
      core.tell("outbox");
      const known = core.journal.entries.length;
      return { rescued: known, known, aside: "journal.db.damaged-20261122T120000Z" };
    },

    async refreshReference(): Promise<void> {
      await core.admit("refreshReference");
      if (core.connection.state === "online") core.lastSyncAt = core.now();
      core.tell("reference");
    },

    async diagnostics() {
      const { version, environment, bffUrl, deviceId, keyProtection } = await core.facts();
      await core.admit("diagnostics");
      return {
        ...{ version, environment, bffUrl, deviceId, keyProtection },
        connection: core.connection,
        lastSyncAt: core.lastSyncAt,
        counts: core.counts(),
        journal: { entries: core.journal.entries.reduce((n, e) => n + e.history.length, 0), ok: true },
        events: [...core.events].reverse(),
        connections: stretches(core.now(), core.connection),
        now: core.now(),
      };
    },

    async previewBundle() {
      const { version, deviceId } = await core.facts();
      await core.admit("previewBundle");
      const journal = core.journal.entries.map(({ row }) => ({ id: row.id, type: row.type, state: row.state, code: row.code }));
      return {
        id: "bundle-1",
        sealed: false,
        parts: [
          { name: "about.json", about: "Versions, the device's id, the moment", text: JSON.stringify({ version, device: deviceId }, null, 2) },
          { name: "journal.json", about: "The newest actions", text: JSON.stringify(journal, null, 2) },
        ],
      };
    },

    async saveBundle() {
      await core.admit("saveBundle");
      return { path: "/home/rep/Downloads/fieldpay-support.zip", sealed: false };
    },
  };
}

/** Three made-up days: nights without the program, a basement, and how it stands now. */
function stretches(now: string, connection: { state: string; code: string; since: string }) {
  const hoursAgo = (hours: number) => new Date(Date.parse(now) - hours * 3_600_000).toISOString();
  const marks: [number, string, string][] = [
    [72, "not-running", ""],
    [66, "online", ""],
    [60, "offline", "offline"],
    [58, "online", ""],
    [54, "not-running", ""],
    [41, "online", ""],
    [30, "not-running", ""],
    [5, "portal", "portal"],
    [4, "online", ""],
    [1, connection.state, connection.code],
  ];
  return marks.map(([from, state, code], i) => ({ from: hoursAgo(from), to: hoursAgo(marks[i + 1]?.[0] ?? 0), state, code }));
}
