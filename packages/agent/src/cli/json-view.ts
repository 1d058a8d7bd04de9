import type { AgentEvent } from '../events.ts';
import type { CommandIo } from './io.ts';
import type { View } from './view.ts';

/** `--json`: one event per line. The first on stdout is `session.open`; what comes before it goes to stderr. */
export class JsonView implements View {
  readonly #io: CommandIo;
  #opened = false;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  start(): void {
    // Programs want events only.
  }

  show(event: AgentEvent): void {
    if (event.event === 'session.open') this.#opened = true;
    const sink = this.#opened ? this.#io.stdout : this.#io.stderr;
    sink.write(`${JSON.stringify(event)}\n`);
  }

  stopping(): void {
    // `closed` will tell.
  }

  end(): void {
    // Every line is complete already.
  }
}
