/** Unsent work that leaves or enters by hand, in memory: nothing is sealed. */
import type { DeviceCalls } from "~/bridge/bridge";
import { BridgeError } from "~/bridge/error";
import type { MemoryCore } from "~/bridge/memory/core";

const downloads = "/home/rep/Downloads";

/** The calls that carry work by hand. */
export function handOverCalls(core: MemoryCore): Pick<DeviceCalls, "sealUnsent" | "takeFile"> {
  return {
    async sealUnsent() {
      await core.admit("sealUnsent");
      const count = core.unsent().length;
      if (count === 0) throw new BridgeError({ code: "not_possible", message: "Everything was sent: there is nothing to hand over" });
      const name = "unsent-work.fieldpay";
      return { file: { name, mediaType: "application/octet-stream", content: "", path: `${downloads}/${name}` }, actions: count, more: false };
    },

    async takeFile(content) {
      await core.admit("takeFile");
      if (!atob(content).startsWith("age-encryption.org/")) {
        throw new BridgeError({ code: "bad_request", message: "This is no receipt for this device" });
      }
      if (!core.network) throw new BridgeError({ code: "offline", message: "There is no way to the server" });
      const name = "hand-over-receipt.json";
      return { receipt: { name, mediaType: "application/json", content: "", path: `${downloads}/${name}` }, actions: 1, taken: 1 };
    },
  };
}
