import { toCulvertError } from '@culvert/base';
import type { StoredDeployment } from '@culvert/registry';
import {
  ATTRIBUTE,
  failSpan,
  parentContext,
  parseTraceparent,
  SPAN,
  type Span,
  type Telemetry,
  type TraceFields,
  traceFields,
  traceparentOf,
} from '@culvert/telemetry';
import type { Effect } from '../core/types.ts';
import { aboutEffect, type StoredView } from './progress.ts';
import type { StageAbout } from './world.ts';

/** One span of a deployment; does nothing while nothing is traced. */
export class DeploySpan {
  /** For log lines that belong to it. */
  readonly fields: TraceFields;
  /** W3C Trace Context, for those who go on with it elsewhere. */
  readonly traceparent: string | undefined;
  readonly #span: Span | undefined;

  constructor(span: Span | undefined) {
    this.#span = span;
    this.fields = traceFields(span?.spanContext());
    this.traceparent = span === undefined ? undefined : traceparentOf(span.spanContext());
  }

  /** The tick has become this revision of the deployment. */
  committed(revision: number, state: string): void {
    this.#span?.setAttributes({ [ATTRIBUTE.deployRevision]: revision, [ATTRIBUTE.deployState]: state });
  }

  /** Nothing came of it, and that is no failure. */
  overtaken(): void {
    this.#span?.setAttribute(ATTRIBUTE.reason, 'overtaken');
  }

  fail(error: unknown): void {
    const { code, message } = toCulvertError(error);
    this.failed(code, message);
  }

  /** It was carried out, and says itself that it came to no good end. */
  failed(type: string, message: string): void {
    if (this.#span !== undefined) failSpan(this.#span, type, message);
  }

  end(): void {
    this.#span?.end();
  }
}

/**
 * Spans of a deployment: each tick that moves it on is the root of a trace, linked with the one before it, whichever deploy
 * worker that was; effects are children of the tick that asked for them, wherever they are carried out.
 */
export class DeploySpans {
  readonly #telemetry: Pick<Telemetry, 'tracer' | 'tracing'> | undefined;

  /** Undefined: nothing is traced. */
  constructor(telemetry: Pick<Telemetry, 'tracer' | 'tracing'> | undefined) {
    this.#telemetry = telemetry?.tracing ? telemetry : undefined;
  }

  /** `startedAtMs`: Unix epoch; by the time it is known that a tick has something to do, it has looked around already. */
  tick(record: StoredDeployment, about: StageAbout, startedAtMs: number): DeploySpan {
    if (this.#telemetry === undefined) return new DeploySpan(undefined);
    const before = parseTraceparent((record.view as Partial<StoredView>).traceparent ?? '');
    const span = this.#telemetry.tracer.startSpan(
      SPAN.deployTick,
      {
        root: true,
        startTime: startedAtMs,
        attributes: attributesOf(about),
        links: before === undefined ? [] : [{ context: before }],
      },
      parentContext(undefined),
    );
    return new DeploySpan(span);
  }

  /** `parent`: the tick's traceparent. */
  effect(deployment: string, effect: Effect, parent: string | undefined): DeploySpan {
    if (this.#telemetry === undefined) return new DeploySpan(undefined);
    const attributes = { ...attributesOf(aboutEffect(deployment, effect)), [ATTRIBUTE.deployEffect]: effect.kind };
    return new DeploySpan(this.#telemetry.tracer.startSpan(SPAN.deployEffect, { attributes }, parentContext(parent)));
  }
}

function attributesOf({ deployment, node, step }: StageAbout) {
  return {
    [ATTRIBUTE.deploymentId]: deployment,
    ...(node === null ? {} : { [ATTRIBUTE.deployNode]: node }),
    ...(step === null ? {} : { [ATTRIBUTE.deployStep]: step }),
  };
}
