import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useStatus } from "~/bridge/queries";
import { useFormat } from "~/components/format";
import classes from "~/components/notice.module.css";
import { Panel } from "~/ui/panel";
import { sinceTime } from "~/util/time";

/** Says in words that work is unsent for long: since when, that it goes by itself, and what helps. */
export function Overdue() {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const status = useStatus().data;
  if (status?.overdue.level !== "notice") return null;
  const { state } = status.connection;
  const help =
    state === "online" || state === "degraded" ? t("overdue.connected") : state === "forced-offline" ? t("overdue.forced") : state === "signed-out" ? t("overdue.signedOut") : t("overdue.offline");
  return (
    <Panel title={t("overdue.title", { time: sinceTime(status.overdue.since, locale, new Date()) })} tone="warning">
      <p className={classes.text}>{t("overdue.kept")}</p>
      <p className={classes.text}>{help}</p>
      <div className={classes.acts}>
        <Button component={Link} to="/outbox" variant="default">
          {t("overdue.show")}
        </Button>
      </div>
    </Panel>
  );
}
