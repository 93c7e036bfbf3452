import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ActionRow } from "~/bridge/dto";
import { ActionLine, useActionWords } from "~/components/action-list";
import { Decide } from "~/components/decide";
import classes from "~/components/lane-list.module.css";
import { type Lane, lanesOf } from "~/components/lanes";
import { VirtualList } from "~/ui/virtual-list";

/** More lanes than this are drawn only where they are seen. */
const VIRTUAL_FROM = 100;
const LANE_HEIGHT = 62;
const LANE_GAP = 12;
/** What waits in one lane is told by its number beyond this many. */
const SHOWN_IN_LANE = 20;

/** Lanes under each other; those with trouble stand open and first. */
export function LaneList({ rows }: { rows: readonly ActionRow[] }) {
  const { t } = useTranslation();
  const lanes = lanesOf(rows);
  if (lanes.length > VIRTUAL_FROM) {
    return (
      <VirtualList label={t("outbox.lanes")} items={lanes} keyOf={(lane) => lane.name} height={LANE_HEIGHT} gap={LANE_GAP}>
        {(lane) => <LaneView lane={lane} />}
      </VirtualList>
    );
  }
  return (
    <ul className={classes.lanes} aria-label={t("outbox.lanes")}>
      {lanes.map((lane) => (
        <li key={lane.name}>
          <LaneView lane={lane} />
        </li>
      ))}
    </ul>
  );
}

/** One lane: the cause on top, what waits under it, the act that frees it beside it. */
function LaneView({ lane }: { lane: Lane }) {
  const { t } = useTranslation();
  const { cause, behind } = lane;
  const first = cause ?? lane.rest[0];
  const words = useActionWords();
  const label = first ? words(first).who : lane.name;
  const needs = cause?.state === "review" || cause?.state === "failed";
  return (
    <section className={classes.lane} data-tone={needs ? "attention" : undefined} aria-label={label}>
      {cause && (
        <div>
          <ActionLine row={cause} act={<Decide row={cause} behind={behind.length} />} />
        </div>
      )}
      {behind.length > 0 && (
        <div className={classes.behind}>
          <p className={classes.behindTitle}>{t("outbox.behind", { count: behind.length })}</p>
          <Lines rows={behind} />
        </div>
      )}
      <Lines rows={lane.rest} />
    </section>
  );
}

/** The first lines of a lane; the others when they are asked for. */
function Lines({ rows }: { rows: readonly ActionRow[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, SHOWN_IN_LANE);
  return (
    <>
      {shown.map((row) => (
        <ActionLine key={row.id} row={row} />
      ))}
      {shown.length < rows.length && (
        <Button variant="subtle" size="compact-sm" m="xs" onClick={() => setAll(true)}>
          {t("outbox.more", { count: rows.length - shown.length })}
        </Button>
      )}
    </>
  );
}
