import { createContext, type ReactNode, useContext, useState } from "react";

/** Forms that were begun and not saved, by name, while the program runs. */
const DraftsContext = createContext<Map<string, unknown> | null>(null);

export function DraftsProvider({ children }: { children: ReactNode }) {
  const [drafts] = useState(() => new Map<string, unknown>());
  return <DraftsContext.Provider value={drafts}>{children}</DraftsContext.Provider>;
}

/** A form's place to keep what was typed, so that leaving it loses nothing. */
export function useDraft<T>(name: string): { kept: T | undefined; keep: (values: T) => void; drop: () => void } {
  const drafts = useContext(DraftsContext);
  return {
    // A name belongs to one form, so what was kept under it has that form's shape.
    kept: drafts?.get(name) as T | undefined,
    keep: (values) => drafts?.set(name, values),
    drop: () => drafts?.delete(name),
  };
}
