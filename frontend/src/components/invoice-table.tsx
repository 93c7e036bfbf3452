import { useTranslation } from "react-i18next";
import type { InvoiceRow } from "~/bridge/dto";
import { Money } from "~/components/money";
import { StateChip, StatusWord } from "~/components/state-chip";
import classes from "~/components/invoice-table.module.css";
import { useFormat } from "~/components/format";
import { type Column, DataTable } from "~/ui/data-table";
import { shortDate } from "~/util/date";

const DASH = "–";

/**
 * Invoices, with what Salesforce says and what this device still holds in two
 * columns: one never speaks for the other.
 */
export function InvoiceTable({ rows, customer }: { rows: readonly InvoiceRow[]; customer: boolean }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const columns: Column<InvoiceRow>[] = [
    {
      name: t("invoice.one"),
      cell: (i) => (
        <>
          <span className={classes.number}>{i.number || t("invoice.unnumbered")}</span>
          <span className={classes.text}>{i.description}</span>
        </>
      ),
    },
    ...(customer ? [{ name: t("form.customer"), cell: (i: InvoiceRow) => i.accountName }] : []),
    { name: t("form.dueDate"), minor: true, cell: (i) => <span className={classes.nowrap}>{shortDate(i.dueDate, locale) || DASH}</span> },
    { name: t("invoice.inSalesforce"), cell: (i) => <StatusWord status={i.status} /> },
    { name: t("invoice.onDevice"), cell: (i) => (i.actionState === "" ? <span className={classes.none}>{DASH}</span> : <StateChip state={i.actionState} />) },
    { name: t("invoice.amount"), align: "end", minor: true, cell: (i) => <Money amount={i.amount} currency={i.currency} /> },
    { name: t("invoice.balance"), align: "end", cell: (i) => <Balance invoice={i} /> },
  ];
  return <DataTable label={t("nav.invoices")} columns={columns} rows={rows} keyOf={(i) => i.id} linkOf={(i) => `/invoices/${i.id}`} />;
}

/** What is open by Salesforce's books, and what is received here but not yet there. */
export function Balance({ invoice }: { invoice: InvoiceRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span className={classes.balance}>
      <Money amount={invoice.balance} currency={invoice.currency} />
      {invoice.pendingPaid > 0 && (
        <span className={classes.text}>{t("invoice.pendingPaid", { amount: format.money(invoice.pendingPaid, invoice.currency) })}</span>
      )}
    </span>
  );
}
