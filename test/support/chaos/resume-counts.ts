import assert from 'node:assert/strict';
import type { ManagedProcess } from '@culvert/local';

/** What gateways have counted, by their own metrics. */
export interface ResumeCounts {
  readonly resumed: number;
  readonly replayedBytes: number;
  /** Connections lost, by reason. */
  readonly lost: Readonly<Record<string, number>>;
}

/** The sums over these gateways, since each of them started. */
export async function resumeCountsOf(gateways: readonly ManagedProcess[]): Promise<ResumeCounts> {
  const texts = await Promise.all(gateways.map(metricsOf));
  const lines = texts.flatMap((text) => text.split('\n'));
  const lost: Record<string, number> = {};
  for (const line of lines) {
    const reason = /^culvert_connection_lost_total\{.*?reason="(?<reason>[^"]*)"/.exec(line)?.groups?.reason;
    if (reason !== undefined) lost[reason] = (lost[reason] ?? 0) + countOf(line);
  }
  return {
    resumed: sumOf(lines, 'culvert_connection_resumed_total'),
    replayedBytes: sumOf(lines, 'culvert_connection_replayed_bytes_total'),
    lost,
  };
}

/** A counter that has not counted yet is not in the text at all. */
function sumOf(lines: readonly string[], name: string): number {
  const samples = lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return samples.reduce((sum, line) => sum + countOf(line), 0);
}

function countOf(line: string): number {
  return Number(line.slice(line.lastIndexOf(' ')));
}

async function metricsOf(gateway: ManagedProcess): Promise<string> {
  const response = await fetch(new URL('/metrics', gateway.address('admin')), { signal: AbortSignal.timeout(5_000) });
  assert.equal(response.status, 200);
  return response.text();
}
