import { Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { InvoiceChange } from "~/bridge/bridge";
import type { InvoiceRow, Saved } from "~/bridge/dto";
import { useBridge } from "~/bridge/provider";
import { useDraft } from "~/components/drafts";
import { ContactSelect } from "~/components/form/customer-select";
import { DueDate } from "~/components/form/due-date";
import type { ChangeTyped } from "~/components/form/refill";
import { FieldGroup, FormShell } from "~/components/form/form-shell";
import { Summary, SumRow } from "~/components/form/summary";
import { useFormErrors } from "~/components/form/use-form-errors";
import { Money } from "~/components/money";

type Values = Pick<InvoiceChange, "description" | "dueDate" | "contactId" | "notes">;
const names = ["description", "dueDate", "contactId", "notes"] as const;

function fieldsOf(was: ChangeTyped | null): Partial<Values> {
  return Object.fromEntries(names.flatMap((n) => (was?.[n] === undefined ? [] : [[n, was[n]]])));
}

/** Changes what may still change on an invoice. Its sums may not: they were agreed. */
export function InvoiceUpdateForm(props: {
  invoice: InvoiceRow;
  /** What the action that this one replaces was to change. */
  before: ChangeTyped | null;
  onSaved: (saved: Saved) => void;
  onLeave: () => void;
}) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const { invoice } = props;
  // The cache has no notes of an invoice: an empty field leaves them alone.
  const before: Values = { description: invoice.description, dueDate: invoice.dueDate, contactId: invoice.contactId, notes: "" };
  // What was changed alone is kept: the invoice itself may have moved on since.
  const draft = useDraft<Partial<Values>>(`invoice-update:${props.before?.replaces ?? invoice.id}`);
  const [values, setValues] = useState<Values>(() => ({ ...before, ...(draft.kept ?? fieldsOf(props.before)) }));
  const changed = names.filter((n) => values[n] !== before[n]);
  const save = useMutation({
    mutationFn: () => bridge.updateInvoice({ actionId: draft.actionId, invoiceId: invoice.id, ...values, changed, replaces: props.before?.replaces ?? "" }),
    onSuccess: (saved) => {
      draft.drop();
      props.onSaved(saved);
    },
  });
  const errors = useFormErrors({}, save.error, true);

  function set(change: Partial<Values>) {
    const next = { ...values, ...change };
    setValues(next);
    draft.keep(Object.fromEntries(names.filter((n) => next[n] !== before[n]).map((n) => [n, next[n]])));
    if (save.isError) save.reset();
  }

  return (
    <FormShell
      label={t("invoice.update.title")}
      submit={t("invoice.update.save")}
      saving={save.isPending}
      draft={draft.state}
      refusal={save.error}
      errorCount={errors.count}
      summary={
        <Summary title={t("invoice.total")} headline={<Money amount={invoice.amount} currency={invoice.currency} size="large" />} stale={false}>
          <SumRow name={t("invoice.update.changes")} value={changed.length} />
        </Summary>
      }
      onSubmit={() => save.mutate()}
      onLeave={props.onLeave}
    >
      <FieldGroup title={t("invoice.update.what")}>
        <TextInput
          label={t("invoice.description")}
          value={values.description}
          onChange={(e) => set({ description: e.currentTarget.value })}
          error={errors.at("description")}
          autoFocus
          autoComplete="off"
        />
        <ContactSelect
          accountId={invoice.accountId}
          value={values.contactId}
          error={errors.at("contactId")}
          onChange={(contactId) => set({ contactId })}
        />
        <DueDate value={values.dueDate} error={errors.at("dueDate")} onChange={(dueDate) => set({ dueDate })} />
        <Textarea
          label={t("form.notes")}
          description={t("invoice.update.notes")}
          value={values.notes}
          onChange={(e) => set({ notes: e.currentTarget.value })}
          error={errors.at("notes")}
          rows={3}
        />
      </FieldGroup>
    </FormShell>
  );
}
