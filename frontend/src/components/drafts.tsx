import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { useLocation } from "react-router";
import type { Bridge } from "~/bridge/bridge";
import type { DraftDTO } from "~/bridge/dto";
import { useBridge } from "~/bridge/provider";
import { newId } from "~/util/id";

/** What a power cut may cost: letters typed within this time. */
const KEEP_EVERY_MS = 500;

/** A form that is open: the id of the action it makes, and what was typed so far. */
interface Begun {
  actionId: string;
  address: string;
  /** When it was kept last; "" before anything was typed. */
  at: string;
  values?: unknown;
}

/** A form that was begun and not saved, as a list shows it. */
export interface Unfinished {
  name: string;
  address: string;
  at: string;
  values: unknown;
}

/** The forms that a person has begun: in memory for the screen, and on the disk for the next start. */
export class Drafts {
  readonly #bridge: Bridge;
  readonly #begun = new Map<string, Begun>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Writes go one after the other: a drop never overtakes what it drops. */
  #writes: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<() => void>();
  /** Why the last write failed. */
  trouble: unknown = null;

  constructor(bridge: Bridge, kept: readonly DraftDTO[]) {
    this.#bridge = bridge;
    for (const { name, actionId, address, values, at } of kept) {
      const read = parsed(values);
      if (read !== undefined) this.#begun.set(name, { actionId, address, at, values: read });
    }
  }

  /** The form of that name, begun now if it was not before. */
  begin(name: string, address: string): Begun {
    const begun = this.#begun.get(name) ?? { actionId: newId(), address, at: "" };
    this.#begun.set(name, begun);
    return begun;
  }

  keep(name: string, values: unknown): void {
    const begun = this.#begun.get(name);
    if (!begun) return;
    this.#begun.set(name, { ...begun, values, at: new Date().toISOString() });
    if (!this.#timers.has(name)) this.#timers.set(name, setTimeout(() => this.#write(name), KEEP_EVERY_MS));
  }

  drop(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    if (this.#begun.get(name)?.at) this.#then(() => this.#bridge.dropDraft(name));
    this.#begun.delete(name);
  }

  /** Writes what waits for its time. */
  flush(): void {
    for (const name of this.#timers.keys()) this.#write(name);
  }

  /** Forms with something typed in them, the last one first. */
  unfinished(): Unfinished[] {
    return [...this.#begun]
      .flatMap(([name, { address, at, values }]) => (values === undefined ? [] : [{ name, address, at, values }]))
      .sort((a, b) => b.at.localeCompare(a.at));
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #write(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    const begun = this.#begun.get(name);
    if (!begun) return;
    const { actionId, address, values } = begun;
    this.#then(() => this.#bridge.keepDraft({ name, actionId, address, values: JSON.stringify(values) }));
  }

  #then(write: () => Promise<void>): void {
    this.#writes = this.#writes.then(write).then(
      () => this.#tell(null),
      (cause: unknown) => this.#tell(cause),
    );
  }

  #tell(trouble: unknown): void {
    if (this.trouble === trouble) return;
    this.trouble = trouble;
    for (const listener of this.#listeners) listener();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // of another build: it cannot be shown, and goes with its age
  }
}

const DraftsContext = createContext<Drafts | null>(null);

/** Brings back what this person has begun; the key of a person makes it a new one. */
export function DraftsProvider({ children }: { children: ReactNode }) {
  const bridge = useBridge();
  const kept = useQuery({ queryKey: ["drafts"], queryFn: () => bridge.drafts(), staleTime: Infinity, gcTime: 0 });
  if (kept.isPending) return null;
  return (
    <Kept bridge={bridge} kept={kept.data ?? []}>
      {children}
    </Kept>
  );
}

function Kept({ bridge, kept, children }: { bridge: Bridge; kept: readonly DraftDTO[]; children: ReactNode }) {
  const [drafts] = useState(() => new Drafts(bridge, kept));
  useEffect(() => {
    const flush = () => drafts.flush();
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [drafts]);
  return <DraftsContext.Provider value={drafts}>{children}</DraftsContext.Provider>;
}

function useDrafts(): Drafts {
  const drafts = useContext(DraftsContext);
  if (!drafts) throw new Error("useDrafts stands outside DraftsProvider");
  return drafts;
}

/** What a form says of its draft: whence it goes on, and whether it is kept. */
export interface DraftState {
  /** When what the form began with was typed; "" for a form that began empty. */
  from: string;
  /** Why the draft is not on the disk, if it is not. */
  trouble: unknown;
  drop: () => void;
}

/**
 * A form's place to keep what was typed, so that leaving it loses nothing, nor
 * does a crash. The action's id is made once for each form that is begun: saving
 * again after a save whose answer did not come is the same action, not a second
 * one.
 */
export function useDraft<T>(name: string): {
  actionId: string;
  kept: T | undefined;
  keep: (values: T) => void;
  drop: () => void;
  state: DraftState;
} {
  const drafts = useDrafts();
  const { pathname, search } = useLocation();
  const [begun] = useState(() => drafts.begin(name, pathname + search));
  const [trouble, setTrouble] = useState(drafts.trouble);
  useEffect(() => drafts.listen(() => setTrouble(drafts.trouble)), [drafts]);
  return useMemo(() => {
    const drop = () => drafts.drop(name);
    return {
      actionId: begun.actionId,
      // A name belongs to one form, so what was kept under it has that form's shape.
      kept: begun.values as T | undefined,
      keep: (values: T) => drafts.keep(name, values),
      drop,
      state: { from: begun.at, trouble, drop },
    };
  }, [drafts, name, begun, trouble]);
}

/** The forms that were begun and not saved, and the way to give one up. */
export function useUnfinished(): { forms: Unfinished[]; drop: (name: string) => void } {
  const drafts = useDrafts();
  const [forms, setForms] = useState(() => drafts.unfinished());
  return {
    forms,
    drop: (name) => {
      drafts.drop(name);
      setForms(drafts.unfinished());
    },
  };
}
