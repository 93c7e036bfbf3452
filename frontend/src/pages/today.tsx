import { IconCash, IconFileInvoice, IconNotes, type TablerIcon } from "@tabler/icons-react";
import { Kbd } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useOutbox, useStatus } from "~/bridge/queries";
import { ActionList } from "~/components/action-list";
import { useFormat } from "~/components/format";
import { MoneyList } from "~/components/money";
import { NewVersion } from "~/components/new-version";
import { Overdue } from "~/components/overdue";
import { QueryView } from "~/components/query-view";
import { Damaged } from "~/components/damaged";
import { DiskLow } from "~/components/disk-low";
import { RolledBack } from "~/components/rolled-back";
import { UnfinishedForms } from "~/components/unfinished";
import { When } from "~/components/when";
import classes from "~/pages/today.module.css";
import { Page } from "~/ui/page";
import { Nothing, Panel } from "~/ui/panel";

const RECENT = 8;

/** Where a day begins: what needs me, what is unsent, what I can do, what I did. */
export function TodayPage() {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const today = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" }).format(new Date());
  return (
    <Page title={t("nav.today")} below={today}>
      <div className={classes.stack}>
        <Damaged />
        <RolledBack />
        <DiskLow />
        <NeedsYou />
        <UnfinishedForms />
        <Overdue />
        <NewVersion />
        <Unsent />
        <div className={classes.acts}>
          <Act to="/invoices/new" icon={IconFileInvoice} title={t("invoice.create.title")} hint={t("today.invoiceHint")} shortcut="I" />
          <Act to="/payments/new" icon={IconCash} title={t("payment.title")} hint={t("today.paymentHint")} shortcut="P" />
          <Act to="/visits/new" icon={IconNotes} title={t("visit.title")} hint={t("today.visitHint")} shortcut="V" />
        </div>
        <Recent />
      </div>
    </Page>
  );
}

function NeedsYou() {
  const { t } = useTranslation();
  const rows = useOutbox("needs").data?.pages.flatMap((p) => p.items) ?? [];
  if (rows.length === 0) return null;
  return (
    <Panel title={t("today.needsYou")} aside={<Link to="/outbox">{t("nav.outbox")}</Link>} tone="attention" flush>
      <ActionList rows={rows} label={t("today.needsYou")} />
    </Panel>
  );
}

function Unsent() {
  const { t } = useTranslation();
  const status = useStatus();
  return (
    <Panel flush>
      <QueryView query={status} isEmpty={(s) => s.unsent.count === 0} empty={<p className={classes.clear}>{t("today.allSent")}</p>} rows={1}>
        {(s) => (
          <Link to="/outbox" className={classes.unsent}>
            <div>
              <p className={classes.count}>{t("today.unsent", { count: s.unsent.count })}</p>
              <p className={classes.hint}>
                {t("today.oldest")} <When at={s.unsent.oldestAt} />. {t("today.unsentHint")}
              </p>
            </div>
            <Value title={t("today.received")} sums={s.unsent.payments} />
            <Value title={t("today.invoiced")} sums={s.unsent.invoices} />
          </Link>
        )}
      </QueryView>
    </Panel>
  );
}

function Value({ title, sums }: { title: string; sums: readonly { amount: number; currency: string }[] }) {
  if (sums.length === 0) return null;
  return (
    <div className={classes.value}>
      <span className={classes.hint}>{title}</span>
      <MoneyList sums={sums} />
    </div>
  );
}

function Act(props: { to: string; icon: TablerIcon; title: string; hint: string; shortcut: string }) {
  const Icon = props.icon;
  return (
    <Link to={props.to} className={classes.act} aria-keyshortcuts={props.shortcut}>
      <Icon size={22} stroke={1.5} aria-hidden="true" className={classes.actIcon} />
      <span className={classes.actTitle}>{props.title}</span>
      <span className={classes.hint}>{props.hint}</span>
      <Kbd className={classes.key} aria-hidden="true">
        {props.shortcut}
      </Kbd>
    </Link>
  );
}

function Recent() {
  const { t } = useTranslation();
  const recent = useOutbox("all", RECENT);
  return (
    <Panel title={t("today.recent")} flush>
      <QueryView
        query={recent}
        isEmpty={(d) => (d.pages[0]?.items.length ?? 0) === 0}
        empty={<Nothing title={t("today.nothing")} hint={t("today.nothingHint")} />}
      >
        {(d) => <ActionList rows={d.pages[0]?.items ?? []} label={t("today.recent")} />}
      </QueryView>
    </Panel>
  );
}
