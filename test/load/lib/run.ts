import type { Clock } from '@culvert/base';
import { Checks } from './checks.ts';
import { currentRun } from './current-run.ts';
import { Ledger } from './ledger.ts';
import { type Contents, Metrics } from './metrics.ts';
import { Notes } from './notes.ts';
import { type Abort, EXIT, type LoadResult, metricResults } from './result.ts';
import { runScenario } from './run-scenario.ts';
import { checkScript, type RunSettings, thresholdsOf } from './run-settings.ts';
import { longest } from './scenarios.ts';
import { type Iteration, iterationOf } from './script.ts';
import { Series } from './series.ts';
import type { MetricKind } from './sinks.ts';
import type { LoadSite } from './site.ts';
import type { Tags } from './tags.ts';
import type { Thresholds } from './thresholds.ts';
import { Ticker } from './ticker.ts';
import { Interrupted } from './traffic/interrupted.ts';
import { Vu } from './vu.ts';

/** How many stretches back the rate is taken at which a threshold broke. */
const RATE_OVER = 5;

/** One run of a script: everything that is counted on the way, and what ends it. */
export class Run {
  readonly checks = new Checks();
  readonly ledger = new Ledger();
  readonly series: Series;
  readonly #metrics = new Metrics();
  readonly #thresholds: Thresholds;
  readonly #settings: RunSettings;
  readonly #abort = new AbortController();
  readonly #notes = new Notes();
  #aborted: Abort | null = null;
  #threw = false;
  /** Between setup and teardown. */
  #underWay = false;
  #active = 0;
  #vus = 0;
  #startMs = 0;

  /** Throws as `checkScript` does. */
  constructor(settings: RunSettings) {
    this.#settings = settings;
    this.#thresholds = thresholdsOf(settings.options, this.#metrics);
    checkScript(settings.script, settings.options, settings.scenarios);
    this.series = new Series(longest(settings.scenarios, true), () => this.#active);
  }

  get name(): string {
    return this.#settings.name;
  }

  get clock(): Clock {
    return this.#settings.clock;
  }

  get site(): LoadSite {
    return this.#settings.site;
  }

  get seed(): number {
    return this.#settings.seed;
  }

  get elapsedMs(): number {
    return this.clock.monotonic() - this.#startMs;
  }

  /** Iterations under way. */
  get active(): number {
    return this.#active;
  }

  /** Aborted when the run ends before its time. */
  get aborted(): AbortSignal {
    return this.#abort.signal;
  }

  define(name: string, kind: MetricKind, contents: Contents): void {
    this.#metrics.define(name, kind, contents);
  }

  add(name: string, value: number, tags: Tags): void {
    this.#metrics.add(name, value, tags);
    if (!this.#underWay) return;
    // Here and not only at ticks: those come late, and a sample belongs to the stretch in which it came.
    this.series.tick(this.elapsedMs);
    this.series.add(name, value);
  }

  mark(text: string, agoMs = 0): void {
    this.#notes.mark(Math.max(0, this.elapsedMs - agoMs), text);
  }

  /** A person has had enough. */
  interrupt(): void {
    this.#end({ why: 'signal', atMs: this.elapsedMs });
  }

  makeVu(id: number, scenario: { readonly name: string; readonly tags: Tags }): Vu {
    return new Vu(this, id, scenario);
  }

  nextVuId(): number {
    this.#vus += 1;
    return this.#vus;
  }

  /** One iteration; never rejects. */
  async iterate(vu: Vu, work: Iteration, data: unknown, dueMs: number, signal: AbortSignal): Promise<void> {
    this.#active += 1;
    vu.begin(dueMs, signal);
    try {
      await this.#within(vu, () => work(vu, data));
    } catch (error) {
      // What is interrupted may throw anything.
      if (error instanceof Interrupted || signal.aborted) return;
      vu.add('iterations_failed', 1);
      this.#notes.error(`iteration of ${vu.scenario}`, error);
    } finally {
      this.#active -= 1;
    }
    vu.add('iterations', 1);
    vu.add('iteration_duration', this.clock.monotonic() - dueMs);
  }

  /** Setup, all scenarios, teardown. Never rejects for what the script does. */
  async complete(): Promise<LoadResult> {
    const { script, scenarios } = this.#settings;
    const startedAt = new Date().toISOString();
    this.#startMs = this.clock.monotonic();
    const stage = new Vu(this, 0, { name: 'setup', tags: {} });
    let durationMs = 0;
    try {
      const data = await this.#stage(stage, 'setup', () => script.setup?.(stage));
      if (!this.#threw) {
        this.#startMs = this.clock.monotonic();
        this.#underWay = true;
        using _ticker = new Ticker(this.clock, (ticked) => this.#onTick(ticked));
        await Promise.all(
          scenarios.map((scenario) => runScenario(this, scenario, iterationOf(script, scenario.exec), data)),
        );
        durationMs = this.elapsedMs;
        this.series.tick(durationMs, true);
        this.#underWay = false;
        await this.#stage(stage, 'teardown', () => script.teardown?.(stage, data));
      }
    } finally {
      stage.close();
    }
    return this.#result(startedAt, durationMs);
  }

  scenarioStart(startMs: number): number {
    return this.#startMs + startMs;
  }

  async #result(startedAt: string, durationMs: number): Promise<LoadResult> {
    this.add('vus_max', this.#vus, {});
    await this.#settings.onEnd();
    const agents = await this.site.counts();
    for (const reason of this.site.ended) this.#notes.error('an agent was ended', new Error(reason));
    const thresholds = this.#thresholds.results(durationMs);
    const counts = { connections: this.ledger.connections(), wrongBytes: this.ledger.wrongBytes, agents };
    return {
      ...{
        name: this.name,
        exitCode: this.#exitCode(thresholds.every(({ ok }) => ok)),
        startedAt,
        durationMs,
        seed: this.seed,
      },
      ...{ counts, thresholds, checks: this.checks.counts(), metrics: metricResults(this.#metrics, durationMs) },
      ...{ aborted: this.#aborted, errors: this.#notes.errors },
      ...{
        bucketMs: this.series.bucketMs,
        series: this.series.points,
        marks: this.#notes.marks,
      },
    };
  }

  #exitCode(thresholdsHold: boolean): number {
    if (this.#threw) return EXIT.threw;
    if (this.#aborted?.why === 'signal') return EXIT.interrupted;
    return thresholdsHold && this.#aborted === null ? EXIT.ok : EXIT.thresholds;
  }

  #onTick({ lateMs, second }: { lateMs: number; second: boolean }): void {
    this.add('generator_delay', lateMs, {});
    if (!second) return;
    this.add('vus', this.#active, {});
    this.#settings.onTick(this);
    const threshold = this.#thresholds.breaking(this.elapsedMs);
    if (!threshold) return;
    const last = this.series.points.slice(-RATE_OVER);
    const iterations = last.reduce((sum, point) => sum + point.iterations, 0);
    const perSecond = last.length === 0 ? 0 : (iterations * 1_000) / (last.length * this.series.bucketMs);
    this.#end({ why: 'threshold', atMs: this.elapsedMs, threshold, perSecond, vus: this.#active });
  }

  #end(why: Abort): void {
    this.#aborted ??= why;
    this.#abort.abort();
  }

  async #stage(vu: Vu, what: string, work: () => unknown): Promise<unknown> {
    vu.begin(this.clock.monotonic(), this.#abort.signal);
    try {
      return await this.#within(vu, work);
    } catch (error) {
      if (error instanceof Interrupted) return undefined;
      this.#threw = true;
      this.#notes.error(what, error);
      return undefined;
    }
  }

  async #within(vu: Vu, work: () => unknown): Promise<unknown> {
    const define = this.define.bind(this);
    return currentRun.run({ define, add: (name, value, tags) => vu.add(name, value, tags) }, work);
  }
}
