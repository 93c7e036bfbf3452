import { IconBackspace } from "@tabler/icons-react";
import type { PointerEvent } from "react";
import classes from "~/ui/keypad.module.css";

/**
 * Figures for a finger. It writes into whatever has the focus and never takes
 * it, so it is not in the way of a keyboard either.
 */
export function Keypad(props: {
  label: string;
  /** The mark between whole and part; "" where there are no parts. */
  decimal: string;
  eraseLabel: string;
  onKey: (key: string) => void;
  onErase: () => void;
}) {
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", props.decimal, "0"];
  return (
    <div role="group" aria-label={props.label} className={classes.pad} onPointerDown={keepFocus}>
      {keys.map((k, i) =>
        k === "" ? (
          <span key={i} />
        ) : (
          <button key={i} type="button" tabIndex={-1} className={classes.key} onClick={() => props.onKey(k)}>
            {k}
          </button>
        ),
      )}
      <button type="button" tabIndex={-1} className={classes.key} aria-label={props.eraseLabel} onClick={props.onErase}>
        <IconBackspace size={24} stroke={1.6} aria-hidden="true" />
      </button>
    </div>
  );
}

function keepFocus(event: PointerEvent) {
  event.preventDefault();
}
