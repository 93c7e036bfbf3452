import type { VersionCalls } from "~/bridge/bridge-version";
import { BridgeError } from "~/bridge/error";
import type { MemoryCore } from "~/bridge/memory/core";

/** The code that the office gave out. */
const officeCode = "K7QM-2XFD";

/** New versions, and the device as the server knows it. */
export function versionCalls(core: MemoryCore): VersionCalls {
  return {
    async enrol(options) {
      await core.admit("enrol");
      if (options.code.trim() !== officeCode) {
        throw new BridgeError({ code: "bad_credentials", message: "The code is not valid, or not any more", hint: "Ask the office for a new one" });
      }
      core.enrolment = { name: "Counter 1", at: core.now() };
      core.tell("session");
      return core.enrolment;
    },

    async checkVersion() {
      await core.admit("checkVersion");
      core.version = { ...core.version, checkedAt: core.now() };
      core.tell("status");
      return core.version;
    },

    async installVersion() {
      await core.admit("installVersion");
      if (!core.version.installable) throw new BridgeError({ code: "not_possible", message: "There is no new version that can be installed here" });
      if (core.editing > 0) {
        core.version = { ...core.version, failure: "A form is open" };
      } else {
        core.version = { ...core.version, state: "installed", failure: "", percent: 100 };
      }
      core.tell("status");
    },

    async setEditing(options) {
      await core.admit("setEditing");
      core.editing += options.open ? 1 : -1;
    },
  };
}
