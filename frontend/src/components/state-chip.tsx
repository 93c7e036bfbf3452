import {
  IconAlertTriangle,
  IconArrowForwardUp,
  IconArrowUp,
  IconCheck,
  IconCircleDashed,
  IconDeviceFloppy,
  IconHourglassEmpty,
  IconInbox,
  IconProgressHelp,
  IconRefresh,
  IconTrash,
  type TablerIcon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { ActionState } from "~/bridge/dto";
import classes from "~/components/state-chip.module.css";

type Tone = "neutral" | "accent" | "positive" | "attention" | "warning" | "muted";

const looks: Record<ActionState, { icon: TablerIcon; tone: Tone }> = {
  pending: { icon: IconDeviceFloppy, tone: "neutral" },
  sending: { icon: IconArrowUp, tone: "accent" },
  accepted: { icon: IconInbox, tone: "accent" },
  applied: { icon: IconCheck, tone: "positive" },
  waiting: { icon: IconRefresh, tone: "neutral" },
  unconfirmed: { icon: IconProgressHelp, tone: "accent" },
  held: { icon: IconHourglassEmpty, tone: "neutral" },
  review: { icon: IconAlertTriangle, tone: "attention" },
  failed: { icon: IconAlertTriangle, tone: "attention" },
  superseded: { icon: IconArrowForwardUp, tone: "muted" },
  discarded: { icon: IconTrash, tone: "muted" },
  "handed-over": { icon: IconArrowForwardUp, tone: "muted" },
};

/** The state of an action: icon and word, colour only beside them. What tries again turns amber when it is late. */
export function StateChip({ state, late = false }: { state: ActionState; late?: boolean }) {
  const { t } = useTranslation();
  const { icon: Icon, tone } = looks[state];
  return (
    <span className={classes.chip} data-tone={late && state === "waiting" ? "warning" : tone}>
      <Icon size={15} stroke={1.8} aria-hidden="true" />
      {t(`state.${state}.word`)}
    </span>
  );
}

/** The status of an invoice in Salesforce; "" means that it is not there yet. */
export function StatusWord({ status }: { status: string }) {
  const { t } = useTranslation();
  if (status === "paid") {
    return (
      <span className={classes.chip} data-tone="positive">
        <IconCheck size={15} stroke={1.8} aria-hidden="true" />
        {t("status.paid")}
      </span>
    );
  }
  const known = ["draft", "pending", "failed"] as const;
  const word = known.find((k) => k === status);
  return (
    <span className={classes.chip} data-tone={status === "failed" ? "attention" : word ? "neutral" : "muted"}>
      {!word && <IconCircleDashed size={15} stroke={1.8} aria-hidden="true" />}
      {word ? t(`status.${word}`) : t("status.none")}
    </span>
  );
}
