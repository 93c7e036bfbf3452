import { Select, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { InvoiceRow } from "~/bridge/dto";
import { useInvoices } from "~/bridge/queries";
import type { FormErrors } from "~/components/form/use-form-errors";
import { useFormat } from "~/components/format";
import classes from "~/components/form/invoice-amount.module.css";

const LISTED = 200;

/** Picks an invoice with something open on it. */
export function InvoiceSelect(props: {
  value: string;
  chosen: InvoiceRow | undefined;
  error: string | undefined;
  onChange: (invoiceId: string) => void;
  autoFocus: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const invoices = useInvoices({ accountId: "", search: "", limit: LISTED, offset: 0 }).data?.items ?? [];
  const open = invoices.filter((i) => i.balance - i.pendingPaid > 0 && i.id !== props.chosen?.id);
  const nameOf = (i: InvoiceRow) =>
    `${i.accountName}, ${i.number || i.description || t("invoice.unnumbered")} (${format.money(i.balance - i.pendingPaid, i.currency)})`;
  return (
    <Select
      label={t("payment.invoice")}
      placeholder={t("payment.invoiceFind")}
      data={[...(props.chosen ? [props.chosen] : []), ...open].map((i) => ({ value: i.id, label: nameOf(i) }))}
      value={props.value || null}
      onChange={(id) => props.onChange(id ?? "")}
      searchable
      selectFirstOptionOnChange
      nothingFoundMessage={t("payment.invoiceNone")}
      error={props.error}
      autoFocus={props.autoFocus}
      comboboxProps={{ withinPortal: false }}
      openOnFocus={false}
    />
  );
}

/** An amount of an invoice's money, with all that is open at one press. */
export function AmountField(props: {
  label: string;
  value: string;
  invoice: InvoiceRow | undefined;
  errors: FormErrors;
  onChange: (amount: string) => void;
  autoFocus: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { invoice, errors } = props;
  const open = invoice ? invoice.balance - invoice.pendingPaid : 0;
  return (
    <div className={classes.amount}>
      <TextInput
        label={props.label}
        value={props.value}
        onChange={(e) => props.onChange(e.currentTarget.value)}
        onBlur={props.value === "" ? undefined : errors.leave("amount")}
        error={errors.at("amount")}
        rightSection={invoice && <span className={classes.unit}>{invoice.currency.toUpperCase()}</span>}
        rightSectionWidth={52}
        inputMode="decimal"
        autoComplete="off"
        autoFocus={props.autoFocus}
        className={classes.figure}
      />
      {invoice && open > 0 && (
        <button type="button" className={classes.whole} onClick={() => props.onChange(format.typed(open, invoice.currency))}>
          {t("payment.whole", { amount: format.money(open, invoice.currency) })}
        </button>
      )}
    </div>
  );
}
