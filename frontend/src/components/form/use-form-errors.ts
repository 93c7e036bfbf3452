import { useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { BridgeError } from "~/bridge/error";
import { fieldMessage } from "~/components/explain";

/**
 * What is wrong with a form, from the core's preview and from its last refusal.
 * A field complains once it was left, or once a person asked to save.
 */
export function useFormErrors(
  found: Readonly<Record<string, string>>,
  refusal: unknown,
  // Whether `found` is about the form as it is now. A quick typist asks to save
  // before the core has looked at the last letter: then the save itself looks.
  current: boolean,
) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const refused = refusal ? BridgeError.from(refusal).fields : {};
  const all: Record<string, string> = { ...refused, ...found };
  const shows = (path: string) => path in refused || asked || left.has(path);
  return {
    /** The words under a field, or nothing. */
    at: (path: string) => {
      const message = all[path];
      return message !== undefined && shows(path) ? fieldMessage(t, message) : undefined;
    },
    /** Marks a field as left. */
    leave: (path: string) => () => setLeft((before) => new Set(before).add(path)),
    /** How many fields complain now. */
    count: Object.keys(all).filter(shows).length,
    /** Whether a save may go on; else shows every complaint and goes to the first. */
    pass: (form: HTMLFormElement) => {
      if (!current || Object.keys(found).length === 0) return true;
      // The complaints must be drawn before the first of them can take the focus.
      flushSync(() => setAsked(true));
      focusFirstError(form);
      return false;
    },
  };
}

export type FormErrors = ReturnType<typeof useFormErrors>;

/** Goes to the first field that complains. */
export function focusFirstError(form: HTMLFormElement): void {
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
