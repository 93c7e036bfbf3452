import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useBridge } from "~/bridge/provider";
import { ManagerPin } from "~/components/manager-pin";

/** The core's words about an amount that a cap of the company stops. */
const caps = [
  "is more than may be taken at once without a connection",
  "is more than may be taken in all without a connection",
  "waits until older money is sent: connect first",
];

/** Where a cap stops a payment, the way past it; else nothing. */
export function OverCap({ message }: { message: string | undefined }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const [asking, setAsking] = useState(false);
  if (!asking && !caps.includes(message ?? "")) return null;
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={() => setAsking(true)} style={{ alignSelf: "start" }}>
        {t("cap.ask")}
      </Button>
      <ManagerPin
        opened={asking}
        title={t("cap.title")}
        body={t("cap.body")}
        act={t("cap.act")}
        run={(form) => bridge.approve(form)}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
