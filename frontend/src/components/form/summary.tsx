import type { ReactNode } from "react";
import classes from "~/components/form/summary.module.css";

/** A line of a summary: what, and how much. */
export function SumRow(props: { name: ReactNode; value: ReactNode; tone?: "attention" | "quiet"; strong?: boolean }) {
  return (
    <div className={classes.row} data-tone={props.tone} data-strong={props.strong}>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}

/** Sums under a headline; they stay in place while they change. */
export function Summary(props: { title: string; headline: ReactNode; stale: boolean; children: ReactNode }) {
  return (
    <div data-stale={props.stale} className={classes.summary}>
      <p className={classes.title}>{props.title}</p>
      <output className={classes.headline}>{props.headline}</output>
      <dl className={classes.rows}>{props.children}</dl>
    </div>
  );
}

/** Something to know before saving; it never stops a person. */
export function Warning({ children }: { children: ReactNode }) {
  return (
    <p role="status" className={classes.warning}>
      {children}
    </p>
  );
}
