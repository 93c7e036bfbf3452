import { SegmentedControl, Select, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Optional } from "~/components/form/optional";
import * as z from "zod";
import type { VisitForm } from "~/bridge/bridge";
import type { Saved } from "~/bridge/dto";
import { useBridge } from "~/bridge/provider";
import { useAccount } from "~/bridge/queries";
import { useDraft } from "~/components/drafts";
import { Attachments } from "~/components/form/attachments";
import { ContactSelect, CustomerSelect } from "~/components/form/customer-select";
import { FieldGroup, FormShell } from "~/components/form/form-shell";
import { Summary, SumRow } from "~/components/form/summary";
import { useFormErrors } from "~/components/form/use-form-errors";
import classes from "~/forms/visit-log.module.css";

const outcomes = ["met", "not_in", "follow_up", "order", "other"] as const;
export type VisitTyped = Omit<VisitForm, "actionId">;

const defaults: VisitTyped = { accountId: "", contactId: "", invoiceId: "", note: "", outcome: "met", files: [], replaces: "" };

const complete = z.object({
  accountId: z.string().min(1, "is required"),
  note: z.string().trim().min(1, "is required"),
});

function missing(values: VisitTyped): Record<string, string> {
  const read = complete.safeParse(values);
  return read.success ? {} : Object.fromEntries(read.error.issues.map((i) => [i.path.join("."), i.message]));
}

/** Notes a visit: who, what came of it, and a few words. */
export function VisitLogForm(props: {
  accountId: string;
  /** What was typed in the action that this one replaces. */
  before: VisitTyped | null;
  onSaved: (saved: Saved) => void;
  onLeave: () => void;
}) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const draft = useDraft<VisitTyped>(`visit-log:${props.before?.replaces ?? ""}`);
  const [values, setValues] = useState<VisitTyped>(() => draft.kept ?? props.before ?? { ...defaults, accountId: props.accountId });
  const account = useAccount(values.accountId).data;
  const save = useMutation({
    mutationFn: () => bridge.saveVisit({ ...values, actionId: draft.actionId }),
    onSuccess: (saved) => {
      draft.drop();
      props.onSaved(saved);
    },
  });
  const errors = useFormErrors(missing(values), save.error, true);

  function set(change: Partial<VisitTyped>) {
    const next = { ...values, ...change };
    setValues(next);
    draft.keep(next);
    if (save.isError) save.reset();
  }

  return (
    <FormShell
      label={t("visit.title")}
      submit={t("visit.save")}
      saving={save.isPending}
      draft={draft.state}
      refusal={save.error}
      errorCount={errors.count}
      summary={
        <Summary title={t("visit.summary")} headline={<span className={classes.who}>{account?.account.name ?? t("visit.nobody")}</span>} stale={false}>
          <SumRow name={t("visit.outcome")} value={t(`outcome.${outcomes.find((o) => o === values.outcome) ?? "other"}`)} />
        </Summary>
      }
      onSubmit={(form) => errors.pass(form) && save.mutate()}
      onLeave={props.onLeave}
    >
      <FieldGroup title={t("visit.who")}>
        <CustomerSelect
          value={values.accountId}
          error={errors.at("accountId")}
          onChange={(accountId) => set({ accountId, contactId: "", invoiceId: "" })}
          onBlur={errors.leave("accountId")}
          autoFocus={values.accountId === ""}
        />
        <ContactSelect
          accountId={values.accountId}
          value={values.contactId}
          error={errors.at("contactId")}
          onChange={(contactId) => set({ contactId })}
        />
        <Select
          label={<Optional label={t("visit.invoice")} />}
          data={(account?.invoices ?? []).map((i) => ({ value: i.id, label: i.number || i.description || t("invoice.unnumbered") }))}
          value={values.invoiceId || null}
          onChange={(id) => set({ invoiceId: id ?? "" })}
          disabled={!account || account.invoices.length === 0}
          clearable
          error={errors.at("invoiceId")}
          comboboxProps={{ withinPortal: false }}
      openOnFocus={false}
        />
      </FieldGroup>
      <FieldGroup title={t("visit.what")}>
        <SegmentedControl
          aria-label={t("visit.outcome")}
          value={values.outcome}
          onChange={(outcome) => set({ outcome })}
          data={outcomes.map((o) => ({ value: o, label: t(`outcome.${o}`) }))}
          className={classes.outcomes}
        />
        <Textarea
          label={t("form.note")}
          value={values.note}
          onChange={(e) => set({ note: e.currentTarget.value })}
          onBlur={values.note === "" ? undefined : errors.leave("note")}
          error={errors.at("note")}
          rows={6}
          autoFocus={values.accountId !== ""}
        />
      </FieldGroup>
      <FieldGroup title={t("visit.proof")}>
        <Attachments files={values.files} onChange={(files) => set({ files })} />
      </FieldGroup>
    </FormShell>
  );
}
