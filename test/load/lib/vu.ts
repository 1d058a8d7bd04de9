import { CulvertError, pause } from '@culvert/base';
import type { ApiClient } from '@culvert/local';
import { Random } from '@culvert/mux/testing';
import type { BuiltIn } from './metrics.ts';
import type { Run } from './run.ts';
import type { Tags } from './tags.ts';
import { type ConnectionOutcome, type ConnectionWork, useConnection } from './traffic/connections.ts';
import { HttpClient } from './traffic/http.ts';
import { Interrupted } from './traffic/interrupted.ts';
import type { ServedSession, TrafficContext } from './traffic/traffic.ts';

type Check<T> = boolean | ((value: T) => boolean);

/** A virtual user: a browser of one customer, that does what the script says, one iteration after the other. */
export class Vu {
  /** From 1; 0 in `setup` and `teardown`. */
  readonly id: number;
  readonly scenario: string;
  readonly http: HttpClient;
  /** Seeded by the run and the VU. */
  readonly random: Random;
  readonly #run: Run;
  readonly #tags: Tags;
  readonly #traffic: TrafficContext | undefined;
  #iteration = -1;
  #names = 0;
  #group = '';
  /** What the first request of an iteration is charged with: how late the iteration began. */
  #lateMs = 0;
  #signal: AbortSignal = AbortSignal.abort();

  constructor(run: Run, id: number, scenario: { readonly name: string; readonly tags: Tags }) {
    this.id = id;
    this.scenario = scenario.name;
    this.#run = run;
    this.#tags = scenario.tags;
    this.random = new Random(run.seed * 1_000_003 + id);
    this.#traffic = this.#trafficContext();
    this.http = new HttpClient(this.#traffic ?? nowhere());
  }

  /** Of this VU, from 0. */
  get iteration(): number {
    return this.#iteration;
  }

  /** The session whose proxy credentials it uses. */
  get session(): ServedSession | undefined {
    return this.#traffic?.session;
  }

  /** The cluster's API, with the key that the run was given. */
  get api(): ApiClient {
    const { api } = this.#run.site;
    if (!api) throw new CulvertError('not_found', 'this run has no cluster');
    return api;
  }

  /** Aborted when the iteration is interrupted: for what waits for something of its own. */
  get signal(): AbortSignal {
    return this.#signal;
  }

  /** For the run: an iteration begins, that was due then. */
  begin(dueMs: number, signal: AbortSignal): void {
    this.#iteration += 1;
    this.#lateMs = Math.max(0, this.#run.clock.monotonic() - dueMs);
    this.#signal = signal;
    this.#group = '';
  }

  /** True if all hold. Each is counted by its name. */
  check<T>(value: T, checks: Readonly<Record<string, Check<T>>>, tags: Tags = {}): boolean {
    let all = true;
    for (const [name, check] of Object.entries(checks)) {
      const passed = typeof check === 'function' ? check(value) : check;
      this.#run.checks.add(name, this.#group, passed);
      this.add('checks', passed ? 1 : 0, { check: name, ...tags });
      all &&= passed;
    }
    return all;
  }

  /** Names what is done within; nested ones are joined by `::`. */
  async group<T>(name: string, work: () => Promise<T> | T): Promise<T> {
    const outer = this.#group;
    const startMs = this.#run.clock.monotonic();
    this.#group = `${outer}::${name}`;
    try {
      return await work();
    } finally {
      this.add('group_duration', this.#run.clock.monotonic() - startMs);
      this.#group = outer;
    }
  }

  /** Seconds, as in k6. */
  async sleep(seconds: number): Promise<void> {
    if (this.#signal.aborted) throw new Interrupted();
    await pause(this.#run.clock, seconds * 1_000, this.#signal);
    if (this.#signal.aborted) throw new Interrupted();
  }

  /** A tunnel by CONNECT to the app's echo, for as long as `work` uses it. */
  connect(work: ConnectionWork, tags?: Tags): Promise<ConnectionOutcome> {
    return useConnection('connect', this.#traffic ?? nowhere(), work, tags);
  }

  /** A WebSocket to the app's echo, for as long as `work` uses it. */
  websocket(work: ConnectionWork, tags?: Tags): Promise<ConnectionOutcome> {
    return useConnection('websocket', this.#traffic ?? nowhere(), work, tags);
  }

  /** For the plot: what happens now. */
  mark(text: string): void {
    this.#run.mark(text);
  }

  add(metric: BuiltIn | (string & {}), value: number, tags: Tags = {}): void {
    this.#run.add(metric, value, { ...this.#tags, ...(this.#group === '' ? {} : { group: this.#group }), ...tags });
  }

  close(): void {
    this.http.close();
  }

  /** Sessions and gateways in turn, so that each session is used through each gateway. */
  #trafficContext(): TrafficContext | undefined {
    const { site, clock, ledger } = this.#run;
    const turn = Math.max(0, this.id - 1);
    const session = site.sessions[turn % site.sessions.length];
    const proxy = site.proxies[(turn + Math.floor(turn / site.sessions.length)) % site.proxies.length];
    if (!session || !proxy) return undefined;
    return {
      ...{ clock, ledger, proxy, session },
      nextName: () => `${this.#run.seed}-${this.id}-${this.#names++}`,
      signal: () => this.#signal,
      dueMs: () => {
        const dueMs = clock.monotonic() - this.#lateMs;
        this.#lateMs = 0;
        return dueMs;
      },
      add: (metric, value, tags) => this.add(metric, value, tags),
    };
  }
}

/** A run without a cluster (tests of the tool) has nothing to talk to: whoever asks for it hears so. */
function nowhere(): TrafficContext {
  const fail = (): never => {
    throw new CulvertError('not_found', 'this run has no session to use');
  };
  return new Proxy({}, { get: fail }) as TrafficContext;
}
