import { type HotkeyItem, useHotkeys } from "@mantine/hooks";
import { createContext, type ReactNode, useContext, useState } from "react";
import { keepSetting, readSetting } from "~/util/settings";

const KeysContext = createContext<{ single: boolean; choose: (on: boolean) => void }>({ single: true, choose: () => undefined });

/**
 * Whether single keys do something. They can be switched off, because speech
 * input and unsteady hands press them by accident (WCAG 2.1.4).
 */
export function useKeysChoice(): { single: boolean; choose: (on: boolean) => void } {
  return useContext(KeysContext);
}

/** Shortcuts of one key without Ctrl or Cmd; none while a field has the focus. */
export function useSingleKeys(items: HotkeyItem[]): void {
  useHotkeys(useContext(KeysContext).single ? items : []);
}

/** Keeps the choice for the next start. */
export function KeysProvider({ children }: { children: ReactNode }) {
  const [single, setSingle] = useState(() => readSetting("keys", ["on", "off"], "on") === "on");
  function choose(on: boolean) {
    keepSetting("keys", on ? "on" : "off");
    setSingle(on);
  }
  return <KeysContext.Provider value={{ single, choose }}>{children}</KeysContext.Provider>;
}
