/** Lanes as people see them: what holds a record back, what waits behind it. */
import type { ActionRow, ActionState } from "~/bridge/dto";

/** The actions of one record, oldest first, with the one that holds them back. */
export interface Lane {
  name: string;
  cause: ActionRow | null;
  behind: ActionRow[];
  /** The others: on their way, or not yet due. */
  rest: ActionRow[];
}

const causes: readonly ActionState[] = ["review", "failed", "waiting", "unconfirmed"];

function weight(lane: Lane): number {
  if (!lane.cause) return 2;
  return lane.cause.state === "review" || lane.cause.state === "failed" ? 0 : 1;
}

/** Groups actions (in any order) into lanes: those that need a person first, then the oldest. */
export function lanesOf(rows: readonly ActionRow[]): Lane[] {
  const byName = new Map<string, ActionRow[]>();
  for (const row of rows) byName.set(row.lane, [...(byName.get(row.lane) ?? []), row]);
  const lanes = [...byName].map(([name, unsorted]): Lane => {
    const actions = unsorted.sort((a, b) => a.sequence - b.sequence);
    const cause = actions.find((a) => causes.includes(a.state)) ?? null;
    const behind = cause ? actions.filter((a) => a.state === "held" && a.sequence > cause.sequence) : [];
    return { name, cause, behind, rest: actions.filter((a) => a !== cause && !behind.includes(a)) };
  });
  const first = (lane: Lane) => (lane.cause ?? lane.rest[0])?.sequence ?? 0;
  return lanes.sort((a, b) => weight(a) - weight(b) || first(a) - first(b));
}
