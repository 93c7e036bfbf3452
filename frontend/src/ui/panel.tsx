import { type ReactNode, useId } from "react";
import classes from "~/ui/panel.module.css";

/** A titled region on paper. */
export function Panel(props: { title?: string; aside?: ReactNode; tone?: "attention" | "warning"; flush?: boolean; children: ReactNode }) {
  const id = useId();
  return (
    <section className={classes.panel} data-tone={props.tone} aria-labelledby={props.title ? id : undefined}>
      {props.title && (
        <header className={classes.head}>
          <h2 id={id} className={classes.title}>
            {props.title}
          </h2>
          {props.aside && <div className={classes.aside}>{props.aside}</div>}
        </header>
      )}
      <div className={props.flush ? undefined : classes.body}>{props.children}</div>
    </section>
  );
}

/** Names and values that stand under each other. */
export function Facts({ items }: { items: readonly { name: string; value: ReactNode }[] }) {
  return (
    <dl className={classes.facts}>
      {items.map((f) => (
        <div key={f.name} className={classes.fact}>
          <dt>{f.name}</dt>
          <dd>{f.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What stands where a list would, when there is nothing: what to do next. */
export function Nothing({ title, hint, act }: { title: string; hint?: string; act?: ReactNode }) {
  return (
    <div className={classes.nothing}>
      <p className={classes.nothingTitle}>{title}</p>
      {hint && <p className={classes.nothingHint}>{hint}</p>}
      {act && <div className={classes.nothingAct}>{act}</div>}
    </div>
  );
}
