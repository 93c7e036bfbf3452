/**
 * A core in memory that behaves: it saves, sends when "online", keeps lanes in
 * order, refuses what the real one refuses. For development and tests.
 */
import type { Bridge } from "~/bridge/bridge";
import type { BridgeError } from "~/bridge/error";
import { collectCalls } from "~/bridge/memory/calls-collect";
import { doorCalls } from "~/bridge/memory/calls-door";
import { draftCalls } from "~/bridge/memory/calls-draft";
import { formCalls } from "~/bridge/memory/calls-form";
import { handOverCalls } from "~/bridge/memory/calls-hand-over";
import { outboxCalls } from "~/bridge/memory/calls-outbox";
import { payCalls } from "~/bridge/memory/calls-pay";
import { recordCalls } from "~/bridge/memory/calls-record";
import { deviceCalls, sessionCalls } from "~/bridge/memory/calls-session";
import { versionCalls } from "~/bridge/memory/calls-version";
import { shiftCalls } from "~/bridge/memory/calls-shift";
import { MemoryCore, type MemoryOptions } from "~/bridge/memory/core";

/** The part of the world that tests and demonstrations play. */
interface World {
  /** Cuts or restores the way to the server. */
  network(up: boolean): void;
  /** Brings the journal back from a backup: the server refuses it from now on. */
  rollBack(): void;
  /** Changes the journal outside FieldPay. */
  damage(): void;
  /** Leaves so many bytes on the disk. */
  fillDisk(left: number): void;
  /** Makes the next call of a method fail with this error. */
  refuse(method: keyof Bridge, error: BridgeError): void;
  /** Lets calls of a method stay unanswered, as loading screens need it. */
  hang(method: keyof Bridge): void;
  /** What the far end holds, and what the device does. */
  readonly core: MemoryCore;
}

/** The twin, with the world around it. */
export type MemoryBridge = Bridge & World;

/** Builds a twin. */
export function memoryBridge(options: MemoryOptions = {}): MemoryBridge {
  const core = new MemoryCore(options);
  return {
    ...sessionCalls(core),
    ...doorCalls(core),
    ...shiftCalls(core),
    ...recordCalls(core),
    ...formCalls(core),
    ...collectCalls(core),
    ...payCalls(core),
    ...draftCalls(core),
    ...outboxCalls(core),
    ...deviceCalls(core),
    ...versionCalls(core),
    ...handOverCalls(core),
    core,
    network: (up) => core.connect(up),
    rollBack: () => {
      core.rolledBack = true;
      core.feel();
    },
    damage: () => {
      core.damaged = true;
      core.tell("status");
    },
    fillDisk: (left) => {
      core.free = left;
      core.tell("status");
    },
    refuse: (method, error) => void core.refusals.set(method, error),
    hang: (method) => void core.hangs.add(method),
  };
}
