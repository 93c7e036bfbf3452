import { useTranslation } from "react-i18next";
import type { DiagnosticsDTO } from "~/bridge/dto";
import { reasonOf } from "~/components/explain";
import { useFormat } from "~/components/format";
import classes from "~/pages/diagnostics.module.css";
import { Panel } from "~/ui/panel";
import { sinceTime } from "~/util/time";

type Stretch = DiagnosticsDTO["connections"][number];

const states = ["online", "degraded", "portal", "signed-out", "offline", "forced-offline", "not-running"] as const;

const lengthOf = (s: Stretch) => Math.max(0, Date.parse(s.to) - Date.parse(s.from));

function useWord() {
  const { t } = useTranslation();
  return (state: string): string => {
    const known = states.find((s) => s === state);
    if (known === undefined) return t("diagnostics.notKnown");
    return known === "not-running" ? t("diagnostics.notRunning") : t(`connection.${known}`);
  };
}

/** The last 72 hours of the connection: a strip to see, and the same as a list to read. */
export function ConnectionStrip({ stretches }: { stretches: readonly Stretch[] }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const word = useWord();
  const total = stretches.reduce((sum, s) => sum + lengthOf(s), 0);
  const hours = new Intl.NumberFormat(locale, { style: "unit", unit: "hour", maximumFractionDigits: 1 });
  const sums = new Map<string, number>();
  for (const s of stretches) sums.set(s.state, (sums.get(s.state) ?? 0) + lengthOf(s));
  const said = [...sums].map(([state, ms]) => `${word(state)}: ${hours.format(ms / 3_600_000)}`).join(", ");
  return (
    <Panel title={t("diagnostics.connections")}>
      <div className={classes.strip} role="img" aria-label={said}>
        {stretches.map((s) => (
          <span key={s.from} data-state={s.state === "" ? "unknown" : s.state} style={{ flexGrow: total === 0 ? 1 : lengthOf(s) / total }} />
        ))}
      </div>
      <p className={classes.sums}>{said}</p>
      <details>
        <summary>{t("diagnostics.changes")}</summary>
        <ol className={classes.changes}>
          {stretches.toReversed().map((s) => (
            <li key={s.from}>
              <time dateTime={s.from}>{sinceTime(s.from, locale, new Date())}</time>
              <span>{word(s.state)}</span>
              <span>{s.code === "" ? "" : reasonOf(t, s.code, "")}</span>
            </li>
          ))}
        </ol>
      </details>
    </Panel>
  );
}
