import { useTranslation } from "react-i18next";
import type { ShiftLine } from "~/bridge/dto-shift";
import { Money } from "~/components/money";
import classes from "~/components/shift-lines.module.css";

/** What a drawer should hold by the journal, and what was counted, by currency. */
export function ShiftLines({ lines, label, counted }: { lines: readonly ShiftLine[]; label: string; counted?: boolean }) {
  const { t } = useTranslation();
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{t("shift.float")}</th>
            <th scope="col">{t("shift.taken")}</th>
            <th scope="col">{t("shift.expected")}</th>
            {counted && <th scope="col">{t("shift.counted")}</th>}
            {counted && <th scope="col">{t("shift.difference")}</th>}
          </tr>
        </thead>
        <tbody>
          {lines.map((l) => (
            <tr key={l.currency} data-off={counted && l.difference !== 0}>
              <td>
                <Money amount={l.float} currency={l.currency} />
              </td>
              <td>
                <Money amount={l.taken} currency={l.currency} />
                <span className={classes.count}> {t("shift.payments", { count: l.payments })}</span>
              </td>
              <td>
                <Money amount={l.expected} currency={l.currency} />
              </td>
              {counted && (
                <td>
                  <Money amount={l.counted} currency={l.currency} />
                </td>
              )}
              {counted && <td className={classes.difference}>{l.difference === 0 ? t("shift.even") : <Difference line={l} />}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Difference({ line: { difference, currency } }: { line: ShiftLine }) {
  const { t } = useTranslation();
  return (
    <>
      <Money amount={Math.abs(difference)} currency={currency} /> {difference < 0 ? t("shift.short") : t("shift.over")}
    </>
  );
}
