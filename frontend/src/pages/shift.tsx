import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SlipDTO } from "~/bridge/dto-shift";
import { useShift } from "~/bridge/queries";
import { useFormat } from "~/components/format";
import { QueryView } from "~/components/query-view";
import { ShiftLines } from "~/components/shift-lines";
import { ShiftCountForm } from "~/forms/shift-count";
import classes from "~/pages/settings.module.css";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";
import { exactTime } from "~/util/time";

/** The cash drawer: a shift is opened with what is in it, and closed against the journal. */
export function ShiftPage() {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const shift = useShift();
  const [closed, setClosed] = useState<SlipDTO | null>(null);
  return (
    <Page title={t("nav.shift")} below={t("shift.lead")} width="wide">
      <QueryView query={shift} isEmpty={() => false} empty={null}>
        {(s) => (
          <div className={classes.stack}>
            {closed && <Slip slip={closed} title={t("shift.slip")} />}
            <Panel title={s.open ? t("shift.running") : t("shift.none")}>
              {s.open && <p>{t("shift.since", { who: s.openedBy, time: exactTime(s.openedAt, locale) })}</p>}
              {s.open && <ShiftLines lines={s.lines} label={t("shift.running")} />}
              <ShiftCountForm
                key={String(s.open)}
                shift={s}
                onOpened={() => {
                  setClosed(null);
                  void shift.refetch();
                }}
                onClosed={(slip) => {
                  setClosed(slip);
                  void shift.refetch();
                }}
              />
            </Panel>
            {s.slips.slice(closed ? 1 : 0).map((slip) => (
              <Slip key={slip.closedAt} slip={slip} title={t("shift.earlier", { time: exactTime(slip.closedAt, locale) })} />
            ))}
          </div>
        )}
      </QueryView>
    </Page>
  );
}

/** What was told when a shift was closed; it does not change any more. */
function Slip({ slip, title }: { slip: SlipDTO; title: string }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  return (
    <Panel title={title}>
      <p>{t("shift.from", { opener: slip.openedBy, opened: exactTime(slip.openedAt, locale), closer: slip.closedBy, closed: exactTime(slip.closedAt, locale) })}</p>
      <ShiftLines lines={slip.lines} label={title} counted />
      {slip.note !== "" && <p>{slip.note}</p>}
    </Panel>
  );
}
