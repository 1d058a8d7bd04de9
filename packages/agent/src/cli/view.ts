import type { AgentEvent } from '../events.ts';

/** How `culvert connect` tells what happens. */
export interface View {
  start(api: string): void;
  show(event: AgentEvent): void;
  /** A signal came while `open` connections were open; `now`: they are not waited for. */
  stopping(open: number, now: boolean): void;
  end(): void;
}
