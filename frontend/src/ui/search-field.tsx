import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { RefObject } from "react";

/** Narrows a list while one types. */
export function SearchField(props: { label: string; value: string; onChange: (text: string) => void; ref?: RefObject<HTMLInputElement | null> }) {
  return (
    <TextInput
      {...(props.ref ? { ref: props.ref } : {})}
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
