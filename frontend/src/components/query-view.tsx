import { Button, Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { messageOf } from "~/components/explain";
import { Nothing } from "~/ui/panel";

/** What a view needs of a query. */
type Query<T> = Pick<UseQueryResult<T>, "data" | "error" | "isPending" | "refetch">;

/**
 * Draws an answer of the core. Loading and error are drawn here, so no screen
 * can forget them; what an empty answer means, each screen must say.
 */
export function QueryView<T>(props: {
  query: Query<T>;
  isEmpty: (data: T) => boolean;
  empty: ReactNode;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  const { t } = useTranslation();
  const { query } = props;
  if (query.data !== undefined) return props.isEmpty(query.data) ? props.empty : props.children(query.data);
  if (query.error) {
    return (
      <div role="alert">
        <Nothing
          title={messageOf(t, query.error)}
          hint={t("error.nothingLost")}
          act={
            <Button variant="default" onClick={() => void query.refetch()}>
              {t("error.again")}
            </Button>
          }
        />
      </div>
    );
  }
  return <Loading rows={props.rows ?? 4} />;
}

function Loading({ rows }: { rows: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("loading")} style={{ padding: 16 }}>
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} height={18} mb={14} animate={false} width={`${90 - ((i * 17) % 40)}%`} />
      ))}
    </div>
  );
}
