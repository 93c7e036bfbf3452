import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import classes from "~/ui/page.module.css";

/** A screen: its heading, what can be done, what it is about. */
export function Page(props: {
  title: string;
  /** A short line over the heading, e.g. where this belongs. */
  above?: ReactNode;
  /** A short line under the heading. */
  below?: ReactNode;
  actions?: ReactNode;
  width?: "form" | "wide";
  children: ReactNode;
}) {
  useDocumentTitle(`${props.title} · FieldPay`);
  return (
    <div className={classes.page} data-width={props.width ?? "wide"}>
      <header className={classes.head}>
        <div className={classes.titles}>
          {props.above && <div className={classes.above}>{props.above}</div>}
          <h1 className={classes.title}>{props.title}</h1>
          {props.below && <div className={classes.below}>{props.below}</div>}
        </div>
        {props.actions && <div className={classes.actions}>{props.actions}</div>}
      </header>
      {props.children}
    </div>
  );
}
