import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect } from "react";
import classes from "~/ui/virtual-list.module.css";

/** Items under each other in the page's own scroll; of a long list only what is seen is drawn. */
export function VirtualList<T>(props: {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  /** A usual height in pixels; each item is measured once it is drawn. */
  height: number;
  /** Space under each item in pixels. */
  gap?: number;
  /** Called when the end comes into sight: there may be more. */
  onEnd?: () => void;
  children: (item: T) => ReactNode;
}) {
  const { items, onEnd } = props;
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => document.getElementById("main"),
    estimateSize: () => props.height,
    gap: props.gap ?? 0,
    overscan: 12,
  });
  const seen = virtualizer.getVirtualItems();
  const atEnd = (seen.at(-1)?.index ?? -1) === items.length - 1;
  useEffect(() => {
    if (atEnd) onEnd?.();
  }, [atEnd, items.length, onEnd]);
  return (
    <ul className={classes.list} style={{ height: virtualizer.getTotalSize() }} aria-label={props.label}>
      {seen.map((v) => {
        const item = items[v.index];
        if (item === undefined) return null;
        return (
          <li
            key={props.keyOf(item)}
            ref={virtualizer.measureElement}
            data-index={v.index}
            aria-setsize={items.length}
            aria-posinset={v.index + 1}
            style={{ transform: `translateY(${v.start}px)` }}
          >
            {props.children(item)}
          </li>
        );
      })}
    </ul>
  );
}
