import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { DiagnosticsDTO } from "~/bridge/dto";
import { useFormat } from "~/components/format";
import { ListSearch } from "~/components/list-search";
import { adviceOn } from "~/locales/reasons";
import classes from "~/pages/diagnostics.module.css";
import { Nothing, Panel } from "~/ui/panel";
import { clockTime } from "~/util/time";

type DiagnosticEvent = DiagnosticsDTO["events"][number];

function textOf(e: DiagnosticEvent): string {
  return Object.entries(e.fields)
    .map(([k, v]) => `${k}=${String(v)}`)
    .join(" ");
}

/** What happened on this device, newest first; every word of the search must be in an event. */
export function DiagnosticEvents({ events }: { events: readonly DiagnosticEvent[] }) {
  const { t, i18n } = useTranslation();
  const { locale } = useFormat();
  const [search, setSearch] = useState("");
  const words = search.toLowerCase().split(/\s+/).filter((w) => w !== "");
  const found = events.filter((e) => words.every((w) => `${e.at} ${e.name} ${textOf(e)}`.toLowerCase().includes(w)));
  return (
    <Panel title={t("diagnostics.events")} aside={<ListSearch label={t("diagnostics.findEvents")} value={search} onChange={setSearch} />} flush>
      {found.length === 0 ? (
        <Nothing title={search === "" ? t("diagnostics.noEvents") : t("search.none", { search })} />
      ) : (
        <ol className={classes.events} tabIndex={0} aria-label={t("diagnostics.events")}>
          {found.map((e, i) => {
            const code = String(e.fields["code"] ?? e.fields["error"] ?? "");
            return (
              <li key={`${e.at}-${i}`}>
                <time dateTime={e.at}>{clockTime(e.at, locale)}</time>
                <code>{e.name}</code>
                <span>{textOf(e)}</span>
                {adviceOn(code, i18n.language) && <Link to={`/reasons?code=${code}`}>{t("reasons.why")}</Link>}
              </li>
            );
          })}
        </ol>
      )}
    </Panel>
  );
}
