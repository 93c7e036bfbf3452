import { useEffect } from "react";
import { useBridge } from "~/bridge/provider";

/** Tells the core while a form is open: nothing is installed under it. A core that cannot be told installs nothing by itself either. */
export function useEditing(): void {
  const bridge = useBridge();
  useEffect(() => {
    const told = bridge.setEditing({ open: true }).then(
      () => true,
      () => false,
    );
    return () => void told.then((was) => (was ? bridge.setEditing({ open: false }) : undefined)).catch(() => undefined);
  }, [bridge]);
}
