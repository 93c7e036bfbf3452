import { Button } from "@mantine/core";
import type { FormEvent, KeyboardEvent, ReactNode } from "react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { BridgeError } from "~/bridge/error";
import type { DraftState } from "~/components/drafts";
import { messageOf } from "~/components/explain";
import { useEditing } from "~/components/form/use-editing";
import { focusFirstError } from "~/components/form/use-form-errors";
import { When } from "~/components/when";
import classes from "~/components/form/form-shell.module.css";

/** Fields that a person can stand in, in reading order. */
function stops(form: HTMLFormElement): HTMLElement[] {
  const found = form.querySelectorAll<HTMLElement>("input, textarea, select, button[type=submit]");
  return [...found].filter((e) => !e.hasAttribute("disabled") && e.tabIndex >= 0 && e.getAttribute("type") !== "hidden");
}

/** Moves from one field to the next. */
export function focusNext(form: HTMLFormElement, from: Element): void {
  const all = stops(form);
  const at = all.findIndex((e) => e === from);
  const radios = from instanceof HTMLInputElement && from.type === "radio" ? from.name : "";
  const following = all.slice(at + 1).find((e) => radios === "" || e.getAttribute("name") !== radios);
  const group = following instanceof HTMLInputElement && following.type === "radio" ? following.name : "";
  // Of a group, the one that is chosen.
  const next = all.find((e) => group !== "" && e instanceof HTMLInputElement && e.name === group && e.checked) ?? following;
  next?.focus();
  if (next instanceof HTMLInputElement && next.type === "text") next.select();
}

/**
 * The one shape of every form: fields, a live summary beside them, one act.
 * `saving`, `refusal` and `draft` are required, so no form can forget them.
 */
export function FormShell(props: {
  label: string;
  submit: string;
  saving: boolean;
  refusal: unknown;
  errorCount: number;
  summary: ReactNode;
  draft: DraftState;
  onSubmit: (form: HTMLFormElement) => void;
  onLeave: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const ref = useRef<HTMLFormElement>(null);
  useEditing();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!props.saving) props.onSubmit(event.currentTarget);
  }

  function onKeyDown(event: KeyboardEvent<HTMLFormElement>) {
    if (event.defaultPrevented || event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.currentTarget.requestSubmit();
      return;
    }
    const target = event.target;
    if (!(target instanceof HTMLInputElement) || target.getAttribute("aria-expanded") === "true") return;
    if (event.key === "Enter") {
      // Enter walks on; money is saved only by the button or Ctrl+Enter.
      event.preventDefault();
      focusNext(event.currentTarget, target);
    } else if (event.key === "Escape") {
      props.onLeave();
    }
  }

  return (
    <form ref={ref} noValidate aria-label={props.label} className={classes.form} onSubmit={submit} onKeyDown={onKeyDown}>
      <div className={classes.fields}>
        <GoesOn draft={props.draft} />
        {props.children}
      </div>
      <aside className={classes.side} aria-label={t("form.summary")}>
        <div className={classes.sheet}>
          {props.summary}
          <Refusal cause={props.refusal} />
          <div className={classes.acts}>
            <Button type="submit" fullWidth aria-keyshortcuts="Control+Enter Meta+Enter" aria-disabled={props.saving}>
              {props.submit}
            </Button>
            <p className={classes.note} role="status">
              {props.errorCount > 0 ? (
                <span className={classes.wrong}>{t("form.errors", { count: props.errorCount })}</span>
              ) : (
                <DraftNote draft={props.draft} />
              )}
            </p>
          </div>
        </div>
      </aside>
    </form>
  );
}

/** A refusal that names fields appears together with their complaints: go to the first. */
function goToFirstError(alert: HTMLElement | null): void {
  const form = alert?.closest("form");
  if (form) focusFirstError(form);
}

/** Whether what is typed would survive a crash. */
function DraftNote({ draft }: { draft: DraftState }) {
  const { t } = useTranslation();
  if (draft.trouble === null) return t("form.hint");
  return <span className={classes.wrong}>{t("draft.notKept", { reason: messageOf(t, draft.trouble) })}</span>;
}

/** Says that a form does not begin empty, and offers to. */
function GoesOn({ draft }: { draft: DraftState }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  if (draft.from === "") return null;
  function afresh() {
    draft.drop();
    // The same address anew: its form is another one, and empty.
    void navigate(pathname + search, { replace: true });
  }
  return (
    <p className={classes.goesOn}>
      <span>
        {t("draft.goesOn")} <When at={draft.from} />
      </span>
      <Button type="button" variant="subtle" size="compact-sm" onClick={afresh}>
        {t("draft.afresh")}
      </Button>
    </p>
  );
}

function Refusal({ cause }: { cause: unknown }) {
  const { t } = useTranslation();
  if (!cause) return null;
  const { hint } = BridgeError.from(cause);
  return (
    <div role="alert" ref={goToFirstError} className={classes.refusal}>
      <p>{messageOf(t, cause)}</p>
      {hint !== "" && <p>{hint}</p>}
    </div>
  );
}

/** Fields that belong together, with a quiet heading. */
export function FieldGroup({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>{title}</legend>
      <div className={classes.stack}>{children}</div>
    </fieldset>
  );
}
