import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { AccountDTO } from "~/bridge/dto";
import { useAccounts } from "~/bridge/queries";
import { AsOf } from "~/components/as-of";
import { ListSearch } from "~/components/list-search";
import { MoneyList } from "~/components/money";
import { QueryView } from "~/components/query-view";
import { type Column, DataTable } from "~/ui/data-table";
import { Page } from "~/ui/page";
import { Nothing, Panel } from "~/ui/panel";

const LIMIT = 2_000;

/** Every customer this device knows; the search needs no network. */
export function CustomersPage() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const accounts = useAccounts({ search, limit: LIMIT, offset: 0 });
  const columns: Column<AccountDTO>[] = [
    { name: t("customer.name"), cell: (a) => a.name },
    { name: t("customer.industry"), minor: true, cell: (a) => a.industry },
    { name: t("customer.phone"), minor: true, cell: (a) => a.phone },
    { name: t("customer.open"), align: "end", cell: (a) => <MoneyList sums={a.openBalance} none={t("none")} /> },
  ];
  return (
    <Page
      title={t("nav.customers")}
      below={accounts.data && <AsOf at={accounts.data.asOf} />}
      actions={<ListSearch label={t("customer.search")} value={search} onChange={(q) => setParams(q ? { q } : {}, { replace: true })} />}
    >
      <Panel flush>
        <QueryView
          query={accounts}
          isEmpty={(d) => d.items.length === 0}
          empty={
            search === "" ? (
              <Nothing title={t("customer.none")} hint={t("customer.noneHint")} />
            ) : (
              <Nothing title={t("search.none", { search })} hint={t("search.noneHint")} />
            )
          }
          rows={6}
        >
          {(d) => <DataTable label={t("nav.customers")} columns={columns} rows={d.items} keyOf={(a) => a.id} linkOf={(a) => `/customers/${a.id}`} />}
        </QueryView>
      </Panel>
    </Page>
  );
}
