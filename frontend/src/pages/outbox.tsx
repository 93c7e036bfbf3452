import { Button, SegmentedControl } from "@mantine/core";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { ActionRow } from "~/bridge/dto";
import { useOutbox, useStatus } from "~/bridge/queries";
import { ActionList } from "~/components/action-list";
import { ExportJournal } from "~/components/export-journal";
import { LaneList } from "~/components/lane-list";
import { QueryView } from "~/components/query-view";
import { SyncNow } from "~/components/sync-now";
import { When } from "~/components/when";
import { Page } from "~/ui/page";
import { Nothing, Panel } from "~/ui/panel";
import classes from "~/pages/outbox.module.css";

const filters = ["unsent", "needs", "all"] as const;

/** Everything that still has to go, drawn as the lanes it goes in. */
export function OutboxPage() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const filter = filters.find((f) => f === params.get("show")) ?? "unsent";
  const outbox = useOutbox(filter);
  const rowsOf = (d: { pages: readonly { items: ActionRow[] }[] }) => d.pages.flatMap((p) => p.items);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = outbox;
  const older = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <Page title={t("nav.outbox")} below={<LastSync />} actions={
        <>
          <ExportJournal />
          <SyncNow />
        </>
      }>
      <div className={classes.filters}>
        <SegmentedControl
          aria-label={t("outbox.show")}
          value={filter}
          onChange={(show) => setParams(show === "unsent" ? {} : { show }, { replace: true })}
          data={filters.map((f) => ({ value: f, label: t(`outbox.view.${f}`) }))}
        />
        <Progress />
      </div>
      <QueryView
        query={outbox}
        isEmpty={(d) => rowsOf(d).length === 0}
        empty={
          <Panel flush>
            <Nothing title={t(`outbox.empty.${filter}`)} hint={t("outbox.emptyHint")} />
          </Panel>
        }
        rows={6}
      >
        {(d) =>
          filter === "all" ? (
            <Panel flush>
              <ActionList rows={rowsOf(d)} label={t("nav.outbox")} onEnd={older} />
            </Panel>
          ) : (
            <LaneList rows={rowsOf(d)} />
          )
        }
      </QueryView>
      {hasNextPage && (
        <Button variant="default" mt="md" onClick={older}>
          {t("outbox.older")}
        </Button>
      )}
    </Page>
  );
}

/** How far a run has come; nothing while there is none. */
function Progress() {
  const { t } = useTranslation();
  const status = useStatus().data;
  if (!status?.draining || status.total === 0) return null;
  const { done, total } = status;
  return (
    <p role="status" className={classes.progress}>
      <progress value={done} max={total} aria-label={t("statusLine.sending")} />
      {t("outbox.progress", { done, total })}
    </p>
  );
}

function LastSync() {
  const { t } = useTranslation();
  const at = useStatus().data?.lastSyncAt ?? "";
  if (at === "") return t("outbox.neverSynced");
  return (
    <>
      {t("outbox.lastSync")} <When at={at} />
    </>
  );
}
