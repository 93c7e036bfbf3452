import type { EnrolmentDTO, VersionDTO } from "~/bridge/dto-version";

/** New versions, and the device as the server knows it. */
export interface VersionCalls {
  /** Spends a code of the office. */
  enrol(options: { code: string }): Promise<EnrolmentDTO>;
  /** Asks the server now; a refusal stands in the answer. */
  checkVersion(): Promise<VersionDTO>;
  /** Begins; the status tells how it goes. */
  installVersion(): Promise<void>;
  /** Nothing is installed while a form is open. */
  setEditing(options: { open: boolean }): Promise<void>;
}
