import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "~/components/format";
import classes from "~/components/keypad-dock.module.css";
import { Keypad } from "~/ui/keypad";

/** The field that takes figures, if the focus is in one. */
function figureField(at: EventTarget | null): HTMLInputElement | null {
  if (!(at instanceof HTMLInputElement) || at.readOnly || at.disabled) return null;
  return at.inputMode === "decimal" || at.inputMode === "numeric" ? at : null;
}

/**
 * Shows the keypad at the foot of a kiosk while a field wants figures. Fields
 * need not know of it: it types as a person would.
 */
export function KeypadDock() {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const [field, setField] = useState<HTMLInputElement | null>(null);
  useEffect(() => {
    // What a finger is on must not move: the keypad comes and goes after it.
    let pressed = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (!pressed) timer = setTimeout(() => setField(figureField(document.activeElement)), 0);
    };
    const press = () => void (pressed = true);
    const release = () => {
      pressed = false;
      look();
    };
    const heard = [
      ["focusin", look],
      ["focusout", look],
      ["pointerdown", press],
      ["pointerup", release],
      ["pointercancel", release],
    ] as const;
    for (const [name, listener] of heard) document.addEventListener(name, listener, true);
    look();
    return () => {
      clearTimeout(timer);
      for (const [name, listener] of heard) document.removeEventListener(name, listener, true);
    };
  }, []);
  if (!field?.isConnected) return null;
  const mark = new Intl.NumberFormat(locale).formatToParts(1.5).find((p) => p.type === "decimal")?.value ?? ".";
  return (
    <div role="region" aria-label={t("keypad.label")} className={classes.dock} ref={() => field.scrollIntoView({ block: "center" })}>
      <Keypad
        label={t("keypad.label")}
        eraseLabel={t("keypad.erase")}
        decimal={field.inputMode === "decimal" ? mark : ""}
        onKey={(key) => type(field, key)}
        onErase={() => type(field, null)}
      />
    </div>
  );
}

/** Writes a text where the caret is, or erases what is before it. */
function type(field: HTMLInputElement, text: string | null) {
  field.focus();
  const start = field.selectionStart ?? field.value.length;
  const end = field.selectionEnd ?? start;
  const from = text === null && start === end ? Math.max(0, start - 1) : start;
  const value = field.value.slice(0, from) + (text ?? "") + field.value.slice(end);
  if (field.maxLength >= 0 && value.length > field.maxLength) return;
  writeField(field, value);
  const caret = from + (text ?? "").length;
  field.setSelectionRange(caret, caret);
}

/** Gives a field a value so that its form hears of it, as of typing. */
export function writeField(field: HTMLInputElement | HTMLTextAreaElement, value: string) {
  const face = field instanceof HTMLInputElement ? HTMLInputElement : HTMLTextAreaElement;
  Object.getOwnPropertyDescriptor(face.prototype, "value")?.set?.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
