import { IconCheck, IconExclamationCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useKiosk } from "~/bridge/queries";
import classes from "~/pages/kiosk-state.module.css";
import { Panel } from "~/ui/panel";

/** What stands around the window of a kiosk; nothing elsewhere. */
export function KioskState() {
  const { t } = useTranslation();
  const kiosk = useKiosk().data;
  if (!kiosk?.on) return null;
  return (
    <Panel title={t("kiosk.around")}>
      <ul className={classes.list}>
        {kiosk.findings.map((f) => (
          <li key={f.name} className={classes.row} data-ok={f.ok}>
            {f.ok ? <IconCheck size={16} aria-hidden="true" /> : <IconExclamationCircle size={16} aria-hidden="true" />}
            <span>
              {t(`kiosk.finding.${f.name}` as "kiosk.finding.session")}: {f.ok ? t("kiosk.fine") : t("kiosk.gap", { what: f.what })}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
