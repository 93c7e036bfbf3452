import { Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { InvoiceChange } from "~/bridge/bridge";
import type { InvoiceRow, Saved } from "~/bridge/dto";
import { useBridge } from "~/bridge/provider";
import { ContactSelect } from "~/components/form/customer-select";
import { DueDate } from "~/components/form/due-date";
import { FieldGroup, FormShell } from "~/components/form/form-shell";
import { Summary, SumRow } from "~/components/form/summary";
import { useFormErrors } from "~/components/form/use-form-errors";
import { Money } from "~/components/money";
import { newId } from "~/util/id";

type Values = Pick<InvoiceChange, "description" | "dueDate" | "contactId" | "notes">;
const names = ["description", "dueDate", "contactId", "notes"] as const;

/** Changes what may still change on an invoice. Its sums may not: they were agreed. */
export function InvoiceUpdateForm(props: { invoice: InvoiceRow; onSaved: (saved: Saved) => void; onLeave: () => void }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const { invoice } = props;
  // The cache has no notes of an invoice: an empty field leaves them alone.
  const before: Values = { description: invoice.description, dueDate: invoice.dueDate, contactId: invoice.contactId, notes: "" };
  const [values, setValues] = useState(before);
  const [actionId] = useState(newId);
  const changed = names.filter((n) => values[n] !== before[n]);
  const save = useMutation({
    mutationFn: () => bridge.updateInvoice({ actionId, invoiceId: invoice.id, ...values, changed, replaces: "" }),
    onSuccess: props.onSaved,
  });
  const errors = useFormErrors({}, save.error, true);
  const set = (change: Partial<Values>) => setValues({ ...values, ...change });

  return (
    <FormShell
      label={t("invoice.update.title")}
      submit={t("invoice.update.save")}
      saving={save.isPending}
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
