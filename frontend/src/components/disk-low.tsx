import { useTranslation } from "react-i18next";
import { useStatus } from "~/bridge/queries";
import { useFormat } from "~/components/format";
import classes from "~/components/notice.module.css";
import { Panel } from "~/ui/panel";

const MEGABYTE = 1 << 20;

/** Warns before the disk is full, while everything can still be saved. */
export function DiskLow() {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const disk = useStatus().data?.disk;
  if (!disk?.low) return null;
  const left = new Intl.NumberFormat(locale, { style: "unit", unit: "megabyte" }).format(Math.floor(disk.free / MEGABYTE));
  return (
    <Panel title={t("disk.title", { left })} tone="warning">
      <p className={classes.text}>{t("disk.what")}</p>
      <p className={classes.text}>{t("disk.help")}</p>
    </Panel>
  );
}
