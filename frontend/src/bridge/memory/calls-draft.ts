import type { DraftCalls, DraftForm } from "~/bridge/bridge";
import type { MemoryCore } from "~/bridge/memory/core";

/** What was typed and not saved, by person. */
export function draftCalls(core: MemoryCore): DraftCalls {
  const mine = () => core.drafts.get(core.person.id) ?? [];
  return {
    async keepDraft(draft: DraftForm): Promise<void> {
      await core.admit("keepDraft");
      const others = mine().filter((d) => d.name !== draft.name);
      core.drafts.set(core.person.id, [{ ...draft, at: core.now() }, ...others]);
    },

    async dropDraft(name: string): Promise<void> {
      await core.admit("dropDraft");
      core.drafts.set(core.person.id, mine().filter((d) => d.name !== name));
    },

    async drafts() {
      await core.admit("drafts");
      return mine().filter((d) => core.journal.find(d.actionId) === undefined);
    },
  };
}
