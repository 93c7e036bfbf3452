import { useRef } from "react";
import { useSingleKeys } from "~/components/keys";
import { SearchField } from "~/ui/search-field";

/** The search of a list; "/" goes here. */
export function ListSearch(props: { label: string; value: string; onChange: (text: string) => void }) {
  const ref = useRef<HTMLInputElement>(null);
  useSingleKeys([["/", () => ref.current?.focus()]]);
  return <SearchField ref={ref} {...props} />;
}
