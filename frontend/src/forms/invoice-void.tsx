import { TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { InvoiceVoid } from "~/bridge/bridge";
import type { InvoiceRow, Saved } from "~/bridge/dto";
import { useBridge } from "~/bridge/provider";
import { useDraft } from "~/components/drafts";
import { FieldGroup, FormShell } from "~/components/form/form-shell";
import { Summary, SumRow, Warning } from "~/components/form/summary";
import { useFormErrors } from "~/components/form/use-form-errors";
import { Money } from "~/components/money";

export type VoidTyped = Omit<InvoiceVoid, "actionId">;

/** Takes an invoice out of use, for a reason that the office reads. */
export function InvoiceVoidForm(props: {
  invoice: InvoiceRow;
  /** What was typed in the action that this one replaces. */
  before: VoidTyped | null;
  onSaved: (saved: Saved) => void;
  onLeave: () => void;
}) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const { invoice } = props;
  const draft = useDraft<VoidTyped>(`invoice-void:${props.before?.replaces ?? invoice.id}`);
  const [values, setValues] = useState<VoidTyped>(() => draft.kept ?? props.before ?? { invoiceId: invoice.id, reason: "", replaces: "" });
  const save = useMutation({
    mutationFn: () => bridge.voidInvoice({ ...values, actionId: draft.actionId }),
    onSuccess: (saved) => {
      draft.drop();
      props.onSaved(saved);
    },
  });
  const errors = useFormErrors(values.reason.trim() === "" ? { reason: "is required" } : {}, save.error, true);
  const received = invoice.paid + invoice.pendingPaid;
  const money = (amount: number) => <Money amount={amount} currency={invoice.currency} />;

  function set(reason: string) {
    const next = { ...values, reason };
    setValues(next);
    draft.keep(next);
    if (save.isError) save.reset();
  }

  return (
    <FormShell
      label={t("void.title")}
      submit={t("void.save")}
      saving={save.isPending}
      draft={draft.state}
      refusal={save.error}
      errorCount={errors.count}
      summary={
        <>
          <Summary title={t("void.summary")} headline={<Money amount={invoice.amount} currency={invoice.currency} size="large" />} stale={false}>
            <SumRow name={t("invoice.balance")} value={money(invoice.balance)} />
            <SumRow name={t("void.received")} value={money(received)} {...(received > 0 ? { tone: "attention" as const } : {})} />
          </Summary>
          {received > 0 && <Warning>{t("void.moneyReceived")}</Warning>}
        </>
      }
      onSubmit={(form) => errors.pass(form) && save.mutate()}
      onLeave={props.onLeave}
    >
      <FieldGroup title={t("void.what")}>
        <TextInput
          label={t("void.reason")}
          description={t("void.reasonHint")}
          value={values.reason}
          onChange={(e) => set(e.currentTarget.value)}
          onBlur={values.reason === "" ? undefined : errors.leave("reason")}
          error={errors.at("reason")}
          autoFocus
          autoComplete="off"
        />
      </FieldGroup>
    </FormShell>
  );
}
