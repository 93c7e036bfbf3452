import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useId, useRef } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { LineForm } from "~/bridge/bridge";
import { useFormat } from "~/components/format";
import classes from "~/components/form/line-editor.module.css";
import type { FormErrors } from "~/components/form/use-form-errors";

const cells = ["description", "quantity", "unitPrice", "discount", "taxRate"] as const;
type Cell = (typeof cells)[number];

/** A line before anything is typed. */
export const emptyLine: LineForm = { description: "", quantity: "1", unitPrice: "", discount: "", taxRate: "" };

/** The lines of an invoice as a grid of fields; Enter in the last field begins the next line. */
export function LineEditor(props: {
  lines: readonly LineForm[];
  currency: string;
  nets: readonly { net: number }[];
  errors: FormErrors;
  onChange: (lines: LineForm[]) => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  const grid = useRef<HTMLDivElement>(null);
  const { lines } = props;

  function focusLine(index: number) {
    grid.current?.querySelector<HTMLInputElement>(`[data-line="${index}"] input`)?.focus();
  }

  function add() {
    // A new line usually bears the tax of the one above.
    const next = { ...emptyLine, taxRate: lines.at(-1)?.taxRate ?? "" };
    flushSync(() => props.onChange([...lines, next]));
    focusLine(lines.length);
  }

  function remove(index: number) {
    flushSync(() => props.onChange(lines.filter((_, i) => i !== index)));
    focusLine(Math.max(0, index - 1));
  }

  function set(index: number, cell: Cell, text: string) {
    props.onChange(lines.map((l, i) => (i === index ? { ...l, [cell]: text } : l)));
  }

  function onKeyDown(event: KeyboardEvent, index: number, cell: Cell) {
    const plainEnter = event.key === "Enter" && !event.ctrlKey && !event.metaKey;
    if (plainEnter && cell === "taxRate" && index === lines.length - 1) {
      event.preventDefault();
      add();
    }
  }

  return (
    <div ref={grid} className={classes.lines} role="group" aria-label={t("line.label")}>
      <div className={classes.head} aria-hidden="true">
        {cells.map((c) => (
          <span key={c} data-align={c === "description" ? undefined : "end"}>
            {t(`line.${c}`)}
          </span>
        ))}
        <span data-align="end">{t("line.net")}</span>
      </div>
      {lines.map((line, i) => (
        <div key={`${id}-${i}`} className={classes.line} data-line={i} role="group" aria-label={t("line.nth", { n: i + 1 })}>
          {cells.map((c) => (
            <CellInput key={c} cell={c} index={i} value={line[c]} errors={props.errors} onChange={set} onKeyDown={onKeyDown} />
          ))}
          <Net net={props.nets[i]?.net ?? 0} currency={props.currency} />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("line.remove", { n: i + 1 })}
            disabled={lines.length === 1}
            onClick={() => remove(i)}
            className={classes.remove}
          >
            <IconX size={16} aria-hidden="true" />
          </ActionIcon>
        </div>
      ))}
      <LinesError message={props.errors.at("lines")} />
      <Button type="button" variant="subtle" size="compact-sm" leftSection={<IconPlus size={15} aria-hidden="true" />} onClick={add} className={classes.add}>
        {t("line.add")}
      </Button>
    </div>
  );
}

function CellInput(props: {
  cell: Cell;
  index: number;
  value: string;
  errors: FormErrors;
  onChange: (index: number, cell: Cell, text: string) => void;
  onKeyDown: (event: KeyboardEvent, index: number, cell: Cell) => void;
}) {
  const { t } = useTranslation();
  const { cell, index } = props;
  const path = `lines[${index}].${cell}`;
  return (
    <TextInput
      label={
        <>
          <span className={classes.nth}>{t("line.nth", { n: index + 1 })} </span>
          {t(`line.${cell}`)}
        </>
      }
      value={props.value}
      onChange={(e) => props.onChange(index, cell, e.currentTarget.value)}
      onKeyDown={(e) => props.onKeyDown(e, index, cell)}
      onBlur={props.value === "" ? undefined : props.errors.leave(path)}
      error={props.errors.at(path)}
      inputMode={cell === "description" ? "text" : "decimal"}
      data-cell={cell}
      autoComplete="off"
      classNames={{ root: classes.cell, label: classes.label, input: cell === "description" ? "" : classes.figure, error: classes.error }}
    />
  );
}

function Net({ net, currency }: { net: number; currency: string }) {
  const format = useFormat();
  return <output className={classes.net}>{format.amount(net, currency)}</output>;
}

function LinesError({ message }: { message: string | undefined }) {
  if (message === undefined) return null;
  return (
    <p role="alert" className={classes.wrong}>
      {message}
    </p>
  );
}
