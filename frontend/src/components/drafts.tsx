import { createContext, type ReactNode, useContext, useState } from "react";
import { newId } from "~/util/id";

/** A form that is open: the id of the action it makes, and what was typed so far. */
interface Begun {
  actionId: string;
  values?: unknown;
}

/** Forms that were begun and not saved, by name, while the program runs. */
const DraftsContext = createContext<Map<string, Begun> | null>(null);

export function DraftsProvider({ children }: { children: ReactNode }) {
  const [drafts] = useState(() => new Map<string, Begun>());
  return <DraftsContext.Provider value={drafts}>{children}</DraftsContext.Provider>;
}

/**
 * A form's place to keep what was typed, so that leaving it loses nothing. The
 * action's id is made once for each form that is begun: saving again after a
 * save whose answer did not come is the same action, not a second one.
 */
export function useDraft<T>(name: string): {
  actionId: string;
  kept: T | undefined;
  keep: (values: T) => void;
  drop: () => void;
} {
  const drafts = useContext(DraftsContext);
  const [actionId] = useState(() => {
    const begun = drafts?.get(name) ?? { actionId: newId() };
    drafts?.set(name, begun);
    return begun.actionId;
  });
  return {
    actionId,
    // A name belongs to one form, so what was kept under it has that form's shape.
    kept: drafts?.get(name)?.values as T | undefined,
    keep: (values) => drafts?.set(name, { actionId, values }),
    drop: () => drafts?.delete(name),
  };
}
