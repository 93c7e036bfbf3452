import { Select } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { LineForm } from "~/bridge/bridge";
import type { PriceDTO } from "~/bridge/dto-pay";
import { usePrices } from "~/bridge/queries";
import { Optional } from "~/components/form/optional";
import { typedDecimal } from "~/components/form/refill";
import { useFormat } from "~/components/format";

const SHOWN = 50;

/** Takes a product of the price list as a line; works without a network, with the prices of the last refresh. */
export function PricePicker(props: { currency: string; onPick: (line: LineForm) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const list = usePrices(props.currency).data;
  const [search, setSearch] = useState("");
  if (!list || list.items.length === 0) return null;
  const nameOf = (p: PriceDTO) => [p.name, p.code].filter((s) => s !== "").join(", ");

  function pick(productId: string | null) {
    const product = list?.items.find((p) => p.productId === productId);
    if (!product) return;
    props.onPick({
      description: product.name,
      quantity: "1",
      unitPrice: format.typed(product.unitPrice, props.currency),
      discount: "",
      taxRate: typedDecimal(product.taxRate, format.locale),
    });
    setSearch("");
  }

  return (
    <Select
      label={<Optional label={t("price.pick")} />}
      placeholder={t("price.find")}
      data={list.items.map((p) => ({ value: p.productId, label: `${nameOf(p)} (${format.money(p.unitPrice, props.currency)})` }))}
      value={null}
      onChange={pick}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      selectFirstOptionOnChange
      limit={SHOWN}
      nothingFoundMessage={t("price.none")}
      maxDropdownHeight={280}
      comboboxProps={{ withinPortal: false }}
      openOnFocus={false}
    />
  );
}

/** Puts a line in the place of an untouched last one, else at the end. */
export function withLine(lines: readonly LineForm[], line: LineForm): LineForm[] {
  const last = lines.at(-1);
  const untouched = last && last.description.trim() === "" && last.unitPrice.trim() === "";
  return [...(untouched ? lines.slice(0, -1) : lines), line];
}
