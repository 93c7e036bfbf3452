import { Fragment, type ReactNode } from "react";
import { useLocation, useSearchParams } from "react-router";
import type { ActionDetail } from "~/bridge/dto";
import { useAction } from "~/bridge/queries";
import { QueryView } from "~/components/query-view";

/** Draws a form that is new, or filled with the action that the address says it replaces. */
export function Mend({ children }: { children: (replaced: ActionDetail | null) => ReactNode }) {
  const [params] = useSearchParams();
  // Going to the same address again asks for an empty form.
  const { key } = useLocation();
  const id = params.get("replaces") ?? "";
  return <Fragment key={key}>{id === "" ? children(null) : <Replaced id={id}>{children}</Replaced>}</Fragment>;
}

function Replaced({ id, children }: { id: string; children: (replaced: ActionDetail) => ReactNode }) {
  return (
    <QueryView query={useAction(id)} isEmpty={() => false} empty={null} rows={6}>
      {children}
    </QueryView>
  );
}
