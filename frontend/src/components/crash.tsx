import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { messageOf } from "~/components/explain";
import { Nothing } from "~/ui/panel";

/** What stands where a page broke. What was saved is in the journal, not here. */
export function Crash() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <div role="alert">
      <Nothing
        title={messageOf(t, error)}
        hint={t("error.nothingLost")}
        act={
          <Button variant="default" onClick={() => window.location.reload()}>
            {t("error.reload")}
          </Button>
        }
      />
    </div>
  );
}
