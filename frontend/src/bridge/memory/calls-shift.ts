import type { ShiftCalls } from "~/bridge/bridge-door";
import type { ShiftForm, ShiftLine, SlipDTO } from "~/bridge/dto-shift";
import { BridgeError } from "~/bridge/error";
import type { MemoryCore } from "~/bridge/memory/core";
import { parseMinor } from "~/bridge/memory/sums";

interface Open {
  at: string;
  by: string;
  after: number;
  float: Map<string, number>;
}

/** The drawer of the twin. */
export function shiftCalls(core: MemoryCore): ShiftCalls {
  let open: Open | null = null;
  const slips: SlipDTO[] = [];

  function read(form: ShiftForm): { counts: Map<string, number>; fields: Record<string, string> } {
    const counts = new Map<string, number>();
    const fields: Record<string, string> = {};
    for (const [i, { currency, amount }] of form.counts.entries()) {
      let minor = 0;
      try {
        minor = Number(parseMinor(amount, form.locale, core.digits(currency)));
      } catch (cause) {
        fields[`counts[${i}].amount`] = amount.trim() === "" ? "is required" : String(cause instanceof Error ? cause.message : cause);
      }
      counts.set(currency, (counts.get(currency) ?? 0) + minor);
    }
    return { counts, fields };
  }

  function linesOf(shift: Open, counted: Map<string, number> | null): ShiftLine[] {
    const cash = core.journal.entries
      .map((e) => e.row)
      .filter((r) => r.sequence > shift.after && r.type === "record_payment" && r.method === "cash" && r.state !== "superseded" && r.state !== "discarded");
    const currencies = new Set([...shift.float.keys(), ...cash.map((r) => r.currency), ...(counted?.keys() ?? [])]);
    return [...currencies].sort().map((currency) => {
      const mine = cash.filter((r) => r.currency === currency);
      const float = shift.float.get(currency) ?? 0;
      const taken = mine.reduce((sum, r) => sum + r.amount, 0);
      const has = counted?.get(currency) ?? 0;
      return { currency, float, taken, payments: mine.length, expected: float + taken, counted: has, difference: counted ? has - float - taken : 0 };
    });
  }

  function drawer(): Open {
    if (!open) throw new BridgeError({ code: "not_possible", message: "No shift is open" });
    return open;
  }

  function refuse(fields: Record<string, string>) {
    if (Object.keys(fields).length > 0) throw new BridgeError({ code: "invalid_payload", message: "Something in the form needs another look", fields });
  }

  return {
    async shift() {
      await core.admit("shift");
      return { open: open !== null, openedAt: open?.at ?? "", openedBy: open?.by ?? "", lines: open ? linesOf(open, null) : [], slips: [...slips] };
    },

    async openShift(form) {
      await core.admit("openShift");
      if (open) throw new BridgeError({ code: "not_possible", message: "A shift is open already" });
      const { counts, fields } = read(form);
      refuse(fields);
      open = { at: core.now(), by: core.person.name, after: core.journal.entries.at(-1)?.row.sequence ?? 0, float: counts };
    },

    async previewShift(form) {
      await core.admit("previewShift");
      const { counts, fields } = read(form);
      return { lines: linesOf(drawer(), counts), fields };
    },

    async closeShift(form) {
      await core.admit("closeShift");
      const shift = drawer();
      const { counts, fields } = read(form);
      refuse(fields);
      const slip = { openedAt: shift.at, openedBy: shift.by, closedAt: core.now(), closedBy: core.person.name, note: form.note.trim(), lines: linesOf(shift, counts) };
      slips.unshift(slip);
      open = null;
      return slip;
    },
  };
}
