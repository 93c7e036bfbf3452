import { useVirtualizer } from "@tanstack/react-virtual";
import type { KeyboardEvent, MouseEvent, ReactNode } from "react";
import { Link, useNavigate } from "react-router";
import classes from "~/ui/data-table.module.css";

/** More rows than this are drawn only where they are seen. */
const VIRTUAL_FROM = 200;
const ROW_HEIGHT = 49;

/** One column of a table. */
export interface Column<T> {
  name: string;
  align?: "end";
  /** Leaves first when the screen is narrow. */
  minor?: boolean;
  cell: (row: T) => ReactNode;
}

function moveFocus(event: KeyboardEvent<HTMLTableElement>) {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>("tbody th a")];
  const next = links[links.findIndex((l) => l === document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Rows that open: the first cell is a link, the whole row follows it. */
export function DataTable<T>(props: {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  linkOf: (row: T) => string;
}) {
  const navigate = useNavigate();
  const virtual = props.rows.length > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: virtual ? props.rows.length : 0,
    getScrollElement: () => document.getElementById("main"),
    estimateSize: () => ROW_HEIGHT,
    overscan: 20,
  });
  const seen = virtualizer.getVirtualItems();
  const shown = virtual ? seen.flatMap((v) => props.rows[v.index] ?? []) : props.rows;
  const before = seen[0]?.start ?? 0;
  const after = virtual ? virtualizer.getTotalSize() - (seen.at(-1)?.end ?? 0) : 0;
  const [first, ...rest] = props.columns;

  function follow(event: MouseEvent, row: T) {
    if (event.target instanceof Element && event.target.closest("a, button")) return;
    void navigate(props.linkOf(row));
  }

  return (
    <table className={classes.table} aria-label={props.label} aria-rowcount={props.rows.length + 1} onKeyDown={moveFocus}>
      <thead>
        <tr>
          {props.columns.map((c) => (
            <th key={c.name} scope="col" data-align={c.align} data-minor={c.minor}>
              {c.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {before > 0 && <Gap height={before} span={props.columns.length} />}
        {shown.map((row) => (
          <tr key={props.keyOf(row)} className={classes.row} onClick={(e) => follow(e, row)}>
            <th scope="row">
              <Link to={props.linkOf(row)} className={classes.link}>
                {first?.cell(row)}
              </Link>
            </th>
            {rest.map((c) => (
              <td key={c.name} data-align={c.align} data-minor={c.minor} data-name={c.name}>
                {c.cell(row)}
              </td>
            ))}
          </tr>
        ))}
        {after > 0 && <Gap height={after} span={props.columns.length} />}
      </tbody>
    </table>
  );
}

/** Stands for the rows that are not drawn. */
function Gap({ height, span }: { height: number; span: number }) {
  return (
    <tr aria-hidden="true">
      <td colSpan={span} style={{ height, padding: 0 }} />
    </tr>
  );
}
