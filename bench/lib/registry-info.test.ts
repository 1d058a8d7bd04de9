import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRate } from './registry-baseline.ts';
import { between, readInfo } from './registry-info.ts';

const info = (over: Record<string, string | number>): string =>
  Object.entries({
    used_memory: 1_000,
    used_cpu_sys: 0.25,
    used_cpu_user: 1,
    total_commands_processed: 10,
    total_net_input_bytes: 100,
    total_net_output_bytes: 200,
    ...over,
  })
    .map(([name, value]) => `${name}:${value}`)
    .join('\r\n');

describe('what INFO tells', () => {
  it('is read as microseconds, bytes and calls by command', () => {
    const use = readInfo(
      `# Commandstats\r\n${info({ 'cmdstat_script|load': 'calls=3,usec=9,usec_per_call=3.00' })}\r\n`,
    );
    assert.deepEqual([use.cpuUs, use.commands, use.memoryBytes], [1_250_000, 10, 1_000]);
    assert.deepEqual([...use.calls], [['script|load', 3]]);
  });

  it('is an error when a figure is missing: it would count as nothing', () => {
    assert.throws(() => readInfo('used_memory:1'), /tells no used_cpu_user/);
  });

  it('the difference of two looks names the commands that were called between them', () => {
    const before = readInfo(info({ cmdstat_get: 'calls=5,usec=1', cmdstat_set: 'calls=5,usec=1' }));
    const after = readInfo(
      info({ used_cpu_user: 1.5, used_memory: 1_700, cmdstat_get: 'calls=7,usec=1', cmdstat_set: 'calls=5,usec=1' }),
    );
    const use = between(before, after);
    assert.deepEqual([use.cpuUs, use.memoryBytes, use.commands], [500_000, 700, 0]);
    assert.deepEqual([...use.calls], [['get', 2]]);
  });
});

describe('what redis-benchmark tells', () => {
  it('is the rate in the last line', () => {
    const head = '"test","rps","avg_latency_ms"';
    assert.equal(
      readRate(`${head}\n"EVALSHA 6b1bf486c81ceb7edf3c093f4c48582e38c0e791 1 k","156298.50","0.821"\n`),
      156298.5,
    );
  });

  it('is an error when it failed', () => {
    assert.throws(() => readRate('Error from server: NOSCRIPT'), /no rate/);
  });
});
