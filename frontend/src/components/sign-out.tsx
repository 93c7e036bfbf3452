import { Button, Group } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useBridge } from "~/bridge/provider";
import { Dialog } from "~/components/dialog";
import { messageOf } from "~/components/explain";

/** Signs out; with unsent work it first says that the work stays here. */
export function SignOut({ unsent, children }: { unsent: number; children: (start: () => void) => ReactNode }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const [asking, setAsking] = useState(false);
  const leave = useMutation({
    mutationFn: (force: boolean) => bridge.signOut({ force }),
    onSuccess: () => setAsking(false),
    // The core counts anew: work may have been saved since the count on screen.
    onError: () => setAsking(true),
  });
  return (
    <>
      {children(() => (unsent > 0 ? setAsking(true) : leave.mutate(false)))}
      <Dialog opened={asking} onClose={() => setAsking(false)} title={t("signOut.title", { count: unsent })}>
        <p>{t("signOut.body")}</p>
        {leave.error && <p role="alert">{messageOf(t, leave.error)}</p>}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
            {t("signOut.stay")}
          </Button>
          <Button onClick={() => leave.mutate(true)}>{t("signOut.leave")}</Button>
        </Group>
      </Dialog>
    </>
  );
}
