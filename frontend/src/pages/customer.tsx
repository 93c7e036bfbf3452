import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { AccountDetail } from "~/bridge/dto";
import { useAccount } from "~/bridge/queries";
import { AsOf } from "~/components/as-of";
import { InvoiceTable } from "~/components/invoice-table";
import { MoneyList } from "~/components/money";
import { QueryView } from "~/components/query-view";
import { StateChip } from "~/components/state-chip";
import classes from "~/pages/customer.module.css";
import { Page } from "~/ui/page";
import { Facts, Nothing, Panel } from "~/ui/panel";

/** One customer: who to talk to, what is open, what to do. */
export function CustomerPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const detail = useAccount(id);
  const above = <Link to="/customers">{t("nav.customers")}</Link>;
  return (
    <Page
      title={detail.data?.account.name ?? t("customer.one")}
      above={above}
      below={detail.data && <AsOf at={detail.data.asOf} />}
      actions={
        <>
          <Button component={Link} to={`/visits/new?customer=${id}`} variant="default">
            {t("visit.title")}
          </Button>
          <Button component={Link} to={`/invoices/new?customer=${id}`}>
            {t("invoice.create.title")}
          </Button>
        </>
      }
    >
      <QueryView query={detail} isEmpty={() => false} empty={null} rows={6}>
        {(d) => <Detail detail={d} />}
      </QueryView>
    </Page>
  );
}

function Detail({ detail }: { detail: AccountDetail }) {
  const { t } = useTranslation();
  const { account, contacts, invoices } = detail;
  return (
    <>
      <div className={classes.columns}>
        <Panel title={t("customer.about")}>
          <Facts
            items={[
              { name: t("customer.open"), value: <MoneyList sums={account.openBalance} none={t("none")} /> },
              { name: t("customer.industry"), value: account.industry || t("none") },
              { name: t("customer.phone"), value: account.phone || t("none") },
              { name: t("customer.website"), value: account.website || t("none") },
            ]}
          />
        </Panel>
        <Panel title={t("customer.contacts")} aside={<Link to={`/contacts/new?customer=${account.id}`}>{t("contact.create")}</Link>} flush>
          {contacts.length === 0 ? (
            <Nothing title={t("customer.noContacts")} />
          ) : (
            <ul className={classes.contacts}>
              {contacts.map((c) => (
                <li key={c.id}>
                  <span className={classes.name}>{`${c.firstName} ${c.lastName}`}</span>
                  {c.actionState !== "" && <StateChip state={c.actionState} />}
                  <span className={classes.text}>{c.title}</span>
                  <span className={classes.text}>{[c.phone, c.email].filter((s) => s !== "").join(" · ")}</span>
                </li>
              ))}
            </ul>
          )}
        </Panel>
      </div>
      <Panel title={t("nav.invoices")} flush>
        {invoices.length === 0 ? <Nothing title={t("customer.noInvoices")} /> : <InvoiceTable rows={invoices} customer={false} />}
      </Panel>
    </>
  );
}
