import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useOutbox } from "~/bridge/queries";
import { ActionList } from "~/components/action-list";
import { QueryView } from "~/components/query-view";
import { Page } from "~/ui/page";
import { Nothing, Panel } from "~/ui/panel";

/** The visits that were noted on this device. */
export function VisitsPage() {
  const { t } = useTranslation();
  const actions = useOutbox("all");
  const visitsOf = (d: NonNullable<typeof actions.data>) => d.pages.flatMap((p) => p.items).filter((r) => r.type === "log_visit");
  const log = (
    <Button component={Link} to="/visits/new">
      {t("visit.title")}
    </Button>
  );
  return (
    <Page title={t("nav.visits")} below={t("visit.lead")} actions={log}>
      <Panel flush>
        <QueryView
          query={actions}
          isEmpty={(d) => visitsOf(d).length === 0}
          empty={<Nothing title={t("visit.empty")} hint={t("visit.emptyHint")} />}
        >
          {(d) => <ActionList rows={visitsOf(d)} label={t("nav.visits")} />}
        </QueryView>
      </Panel>
    </Page>
  );
}
