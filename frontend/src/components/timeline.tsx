import { useTranslation } from "react-i18next";
import type { ActionStep } from "~/bridge/dto";
import { reasonOf } from "~/components/explain";
import { StateChip } from "~/components/state-chip";
import classes from "~/components/timeline.module.css";
import { When } from "~/components/when";

/** How an action came to where it is, newest first. */
export function Timeline({ steps }: { steps: readonly ActionStep[] }) {
  const { t } = useTranslation();
  return (
    <ol className={classes.timeline} reversed>
      {steps.toReversed().map((s, i) => (
        <li key={`${s.at}-${s.to}-${steps.length - i}`} className={classes.step}>
          <span className={classes.at}>
            <When at={s.at} />
          </span>
          <div>
            <StateChip state={s.to} />
            <p className={classes.text}>
              {[
                s.to === "discarded" ? s.message : s.code !== "" || s.message !== "" ? reasonOf(t, s.code, s.message) : "",
                s.by === "" ? "" : t("action.by", { person: s.by }),
                s.attempt > 1 ? t("action.attempt", { n: s.attempt }) : "",
              ]
                .filter((text) => text !== "")
                .join(" · ")}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}
