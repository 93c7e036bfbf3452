import { TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useRef } from "react";

/** Narrows a list while one types; "/" goes here. */
export function SearchField(props: { label: string; value: string; onChange: (text: string) => void }) {
  const ref = useRef<HTMLInputElement>(null);
  useHotkeys([["/", () => ref.current?.focus()]]);
  return (
    <TextInput
      ref={ref}
      type="search"
      aria-label={props.label}
      placeholder={props.label}
      value={props.value}
      onChange={(e) => props.onChange(e.currentTarget.value)}
      leftSection={<IconSearch size={16} aria-hidden="true" />}
      autoComplete="off"
      w={280}
      maw="100%"
    />
  );
}
