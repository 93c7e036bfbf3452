import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useBridge } from "~/bridge/provider";
import { messageOf } from "~/components/explain";
import { When } from "~/components/when";

/** How old the copy of Salesforce's records is, and the way to a newer one. */
export function AsOf({ at }: { at: string }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const refresh = useMutation({ mutationFn: () => bridge.refreshReference() });
  return (
    <span>
      {at === "" ? t("asOf.never") : t("asOf.label")} <When at={at} />{" "}
      <Button size="compact-xs" variant="subtle" onClick={() => refresh.mutate()} aria-disabled={refresh.isPending}>
        {refresh.isPending ? t("asOf.going") : t("asOf.refresh")}
      </Button>
      {refresh.error && <span role="alert">{messageOf(t, refresh.error)}</span>}
    </span>
  );
}
