import type { Deployment, DeploymentLogEntry } from '@culvert/contracts';
import { json, type Output } from '../output.ts';
import { loadOf } from './bar.ts';
import { conditionKey, type Look } from './follow.ts';
import { printable } from './line.ts';
import { newEntries } from './log.ts';
import { Screen, type Terminal } from './screen.ts';
import { deploymentView } from './view.ts';
import { waitLine } from './why-words.ts';
import { aimOf, counted } from './words.ts';

/** Counts of one node are told again after so long at the earliest: a worker gives away a hundred sessions a second and more. */
const COUNTS_MS = 2_000;

/** Shows what is seen of a deployment. */
export interface Teller {
  show(look: Look): void;
  /** Nothing more will be shown. */
  end(): void;
}

/** For programs: the whole view at each change, the last one as it stands then. */
export class JsonTeller implements Teller {
  readonly #to: Output;
  #told = '';

  constructor(to: Output) {
    this.#to = to;
  }

  show({ deployment }: Look): void {
    // A tick that changed nothing raises the revision, too.
    const change = JSON.stringify({ ...deployment, revision: 0 });
    if (change !== this.#told) this.#to.write(json(deployment));
    this.#told = change;
  }

  end(): void {}
}

/** For a log or a pipe: a line for whatever changed. */
export class LineTeller implements Teller {
  readonly #to: Output;
  #log: readonly DeploymentLogEntry[] = [];
  #begun = false;
  #loads = new Map<string, { readonly text: string; readonly atMs: number }>();
  #waits = new Set<string>();
  #failure: string | null = null;

  readonly #now: () => number;

  /** `now`: any clock in ms that does not go back. */
  constructor(to: Output, now: () => number = () => performance.now()) {
    this.#to = to;
    this.#now = now;
  }

  show({ deployment, reasons, failure }: Look): void {
    if (!this.#begun) this.#line(`${deployment.id}: ${aimOf(deployment)}`);
    this.#begun = true;
    for (const { at, node, message } of newEntries(this.#log, deployment.events))
      this.#line(`${at}  ${node === null ? '' : `${node}: `}${message}`);
    this.#log = deployment.events;
    this.#tellLoads(deployment);
    const waits = new Map(reasons.map((reason) => [conditionKey(reason), reason]));
    for (const [key, reason] of waits) if (!this.#waits.has(key)) this.#line(waitLine(reason));
    this.#waits = new Set(waits.keys());
    const words = failure === null ? null : failure.message;
    if (words !== null && this.#failure === null) this.#line(`nothing is seen of it: ${words}; it goes on meanwhile`);
    if (words === null && this.#failure !== null) this.#line('it is seen again');
    this.#failure = words;
  }

  end(): void {}

  /** How many are still on the nodes that are being emptied. */
  #tellLoads(deployment: Deployment): void {
    for (const node of deployment.nodes) {
      if (node.state !== 'running' && node.state !== 'rolling_back') continue;
      const { busy, idle, gone } = loadOf(node, deployment);
      if (gone === 0) continue;
      const what = deployment.role === 'worker' ? 'session' : 'connection';
      const ofThem = deployment.role === 'worker' ? ` (${busy} busy)` : '';
      const text = `${node.id}: ${counted(busy + idle, what)} left${ofThem}, ${gone} gone`;
      const told = this.#loads.get(node.id);
      const atMs = this.#now();
      if (told !== undefined && (told.text === text || atMs - told.atMs < COUNTS_MS)) continue;
      this.#line(text);
      this.#loads.set(node.id, { text, atMs });
    }
  }

  #line(text: string): void {
    this.#to.write(`${printable(text)}\n`);
  }
}

/** For a person: bars, timers and the last events, in place. */
export class ScreenTeller implements Teller {
  readonly #to: Terminal;
  readonly #screen: Screen;
  readonly #now: () => number;

  constructor(to: Terminal, now: () => number = Date.now) {
    this.#to = to;
    this.#screen = new Screen(to);
    this.#now = now;
  }

  show(look: Look): void {
    const { columns: width, rows } = this.#to;
    // The cursor stands on a row of its own below.
    this.#screen.draw(deploymentView(look, { width, height: rows - 1 }, this.#now()));
  }

  end(): void {
    this.#screen.end();
  }
}
