import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useBridge } from "~/bridge/provider";
import { ManagerPin } from "~/components/manager-pin";

/** The way out of a kiosk: a manager's PIN. */
export function LeaveKiosk() {
  const { t } = useTranslation();
  const bridge = useBridge();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button variant="subtle" fullWidth onClick={() => setAsking(true)}>
        {t("kiosk.leave")}
      </Button>
      <ManagerPin
        opened={asking}
        title={t("kiosk.leave")}
        body={t("kiosk.leaveBody")}
        act={t("kiosk.leave")}
        run={(form) => bridge.leaveKiosk(form)}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
