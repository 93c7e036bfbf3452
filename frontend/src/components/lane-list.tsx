import { useVirtualizer } from "@tanstack/react-virtual";
import { useTranslation } from "react-i18next";
import type { ActionRow } from "~/bridge/dto";
import { ActionLine, useActionWords } from "~/components/action-list";
import { Decide } from "~/components/decide";
import classes from "~/components/lane-list.module.css";
import { type Lane, lanesOf } from "~/components/lanes";

/** More lanes than this are drawn only where they are seen. */
const VIRTUAL_FROM = 100;
const LANE_HEIGHT = 74;

/** Lanes under each other; those with trouble stand open and first. */
export function LaneList({ rows }: { rows: readonly ActionRow[] }) {
  const { t } = useTranslation();
  const lanes = lanesOf(rows);
  if (lanes.length > VIRTUAL_FROM) return <VirtualLanes lanes={lanes} />;
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

function VirtualLanes({ lanes }: { lanes: readonly Lane[] }) {
  const { t } = useTranslation();
  const virtualizer = useVirtualizer({
    count: lanes.length,
    getScrollElement: () => document.getElementById("main"),
    estimateSize: () => LANE_HEIGHT,
    overscan: 12,
  });
  return (
    <ul className={classes.virtual} style={{ height: virtualizer.getTotalSize() }} aria-label={t("outbox.lanes")}>
      {virtualizer.getVirtualItems().map((v) => {
        const lane = lanes[v.index];
        if (!lane) return null;
        return (
          <li
            key={lane.name}
            ref={virtualizer.measureElement}
            data-index={v.index}
            aria-setsize={lanes.length}
            aria-posinset={v.index + 1}
            style={{ transform: `translateY(${v.start}px)` }}
          >
            <LaneView lane={lane} />
          </li>
        );
      })}
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
          {behind.map((row) => (
            <ActionLine key={row.id} row={row} />
          ))}
        </div>
      )}
      {lane.rest.map((row) => (
        <ActionLine key={row.id} row={row} />
      ))}
    </section>
  );
}
