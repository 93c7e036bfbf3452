import { Button, SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { InvoiceRow } from "~/bridge/dto";
import { useInvoices } from "~/bridge/queries";
import { AsOf } from "~/components/as-of";
import { InvoiceTable } from "~/components/invoice-table";
import { ListSearch } from "~/components/list-search";
import { QueryView } from "~/components/query-view";
import classes from "~/pages/invoices.module.css";
import { Page } from "~/ui/page";
import { Nothing, Panel } from "~/ui/panel";

const LIMIT = 2_000;
const views = ["all", "open", "device"] as const;

const holds: Record<(typeof views)[number], (i: InvoiceRow) => boolean> = {
  all: () => true,
  open: (i) => i.balance > 0 && i.status !== "failed",
  device: (i) => i.actionState !== "" && i.actionState !== "applied",
};

/** Invoices that Salesforce confirmed and those that only this device knows. */
export function InvoicesPage() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const view = views.find((v) => v === params.get("show")) ?? "all";
  const invoices = useInvoices({ accountId: "", search, limit: LIMIT, offset: 0 });
  const filter = (change: { q?: string; show?: string }) => {
    const next = { q: search, show: view, ...change };
    setParams({ ...(next.q ? { q: next.q } : {}), ...(next.show === "all" ? {} : { show: next.show }) }, { replace: true });
  };
  return (
    <Page
      title={t("nav.invoices")}
      below={invoices.data && <AsOf at={invoices.data.asOf} />}
      actions={
        <Button component={Link} to="/invoices/new">
          {t("invoice.create.title")}
        </Button>
      }
    >
      <div className={classes.filters}>
        <SegmentedControl
          aria-label={t("invoice.show")}
          value={view}
          onChange={(show) => filter({ show })}
          data={views.map((v) => ({ value: v, label: t(`invoice.view.${v}`) }))}
        />
        <ListSearch label={t("invoice.search")} value={search} onChange={(q) => filter({ q })} />
      </div>
      <Panel flush>
        <QueryView
          query={invoices}
          isEmpty={(d) => !d.items.some(holds[view])}
          empty={
            search === "" && view === "all" ? (
              <Nothing title={t("invoice.empty")} hint={t("invoice.emptyHint")} />
            ) : (
              <Nothing title={search ? t("search.none", { search }) : t("invoice.emptyView")} hint={t("search.noneHint")} />
            )
          }
          rows={6}
        >
          {(d) => <InvoiceTable rows={d.items.filter(holds[view])} customer />}
        </QueryView>
      </Panel>
    </Page>
  );
}
