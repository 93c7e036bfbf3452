import { useHotkeys } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { useBridge } from "~/bridge/provider";
import { useDoor } from "~/bridge/queries";
import { messageOf } from "~/components/explain";
import { useToast } from "~/components/toasts";

/** Locks the screen, where whoever is here can open it again; else null. */
export function useLockNow(): (() => void) | null {
  const { t } = useTranslation();
  const bridge = useBridge();
  const toast = useToast();
  const door = useDoor().data;
  const opens = door !== undefined && (door.kiosk || door.people.some((p) => p.here && p.pin));
  const lock = () => void bridge.lock().catch((e: unknown) => toast({ title: messageOf(t, e) }));
  useHotkeys([["mod+shift+L", () => opens && lock()]], []);
  return opens ? lock : null;
}
