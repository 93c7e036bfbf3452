import type { MoneyDTO } from "~/bridge/dto";
import { useFormat } from "~/components/format";
import classes from "~/components/money.module.css";

/** An amount with its currency; figures of one column stand under each other. */
export function Money({ amount, currency, size }: MoneyDTO & { size?: "large" }) {
  const format = useFormat();
  return (
    <span className={classes.money} data-size={size}>
      {format.amount(amount, currency)}
      <span className={classes.currency}>{`\u00a0${currency.toUpperCase()}`}</span>
    </span>
  );
}

/** Sums of several currencies, never added up across them. */
export function MoneyList({ sums, none }: { sums: readonly MoneyDTO[]; none?: string }) {
  if (sums.length === 0) return none ? <span className={classes.none}>{none}</span> : null;
  return (
    <span className={classes.list}>
      {sums.map((s) => (
        <Money key={s.currency} {...s} />
      ))}
    </span>
  );
}
