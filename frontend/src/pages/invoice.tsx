import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { InvoiceDetail } from "~/bridge/dto";
import { useInvoice } from "~/bridge/queries";
import { ActionList } from "~/components/action-list";
import { useFormat } from "~/components/format";
import { Balance } from "~/components/invoice-table";
import { Money } from "~/components/money";
import { QueryView } from "~/components/query-view";
import { StateChip, StatusWord } from "~/components/state-chip";
import { When } from "~/components/when";
import { Page } from "~/ui/page";
import { Facts, Nothing, Panel } from "~/ui/panel";
import { spokenDate } from "~/util/date";

/** One invoice: Salesforce's word, this device's word, and what was done. */
export function InvoicePage() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const detail = useInvoice(id);
  const row = detail.data?.row;
  return (
    <Page
      title={row ? row.number || row.description || t("invoice.unnumbered") : t("invoice.one")}
      above={<Link to="/invoices">{t("nav.invoices")}</Link>}
      below={row && <Link to={`/customers/${row.accountId}`}>{row.accountName}</Link>}
      actions={
        row && (
          <>
            <Button component={Link} to={`/invoices/${id}/edit`} variant="default">
              {t("invoice.update.title")}
            </Button>
            <Button component={Link} to={`/invoices/${id}/void`} variant="default">
              {t("void.title")}
            </Button>
            <Button component={Link} to={`/payments/collect?invoice=${id}`} variant="default">
              {t("collect.title")}
            </Button>
            <Button component={Link} to={`/payments/new?invoice=${id}`}>
              {t("payment.title")}
            </Button>
          </>
        )
      }
    >
      <QueryView query={detail} isEmpty={() => false} empty={null} rows={6}>
        {(d) => <Detail detail={d} />}
      </QueryView>
    </Page>
  );
}

function Detail({ detail: { row, actions } }: { detail: InvoiceDetail }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  return (
    <>
      <Panel title={t("invoice.about")}>
        <Facts
          items={[
            { name: t("invoice.inSalesforce"), value: <StatusWord status={row.status} /> },
            { name: t("invoice.onDevice"), value: row.actionState === "" ? t("invoice.nothingHere") : <StateChip state={row.actionState} /> },
            { name: t("invoice.amount"), value: <Money amount={row.amount} currency={row.currency} /> },
            { name: t("invoice.paid"), value: <Money amount={row.paid} currency={row.currency} /> },
            { name: t("invoice.balance"), value: <Balance invoice={row} /> },
            { name: t("invoice.description"), value: row.description || t("none") },
            { name: t("form.dueDate"), value: spokenDate(row.dueDate, locale) || t("none") },
            { name: t("invoice.created"), value: <When at={row.createdAt} /> },
          ]}
        />
      </Panel>
      <Panel title={t("invoice.actions")} flush>
        {actions.length === 0 ? (
          <Nothing title={t("invoice.noActions")} hint={t("invoice.noActionsHint")} />
        ) : (
          <ActionList rows={actions} label={t("invoice.actions")} />
        )}
      </Panel>
    </>
  );
}
