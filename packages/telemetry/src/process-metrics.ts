import { readdir } from 'node:fs/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Meter } from '@opentelemetry/api';
import { instruments } from './instruments.ts';
import type { BuildInfo } from './telemetry.ts';

/** What a person looks at first: is it alive, since when, which build, does its event loop turn. Returns what ends it. */
export function observeProcess(meter: Meter, build: BuildInfo): () => void {
  const make = instruments(meter);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let utilization = performance.eventLoopUtilization();
  make.gauge('process.uptime').addCallback((result) => result.observe(process.uptime()));
  make.gauge('process.memory.usage').addCallback((result) => result.observe(process.memoryUsage.rss()));
  make.gauge('v8js.memory.heap.used').addCallback((result) => result.observe(process.memoryUsage().heapUsed));
  make.gauge('process.unix.file_descriptors').addCallback(async (result) => {
    const descriptors = await openDescriptors();
    if (descriptors !== undefined) result.observe(descriptors);
  });
  make.observableCounter('process.cpu.time').addCallback((result) => {
    const { user, system } = process.cpuUsage();
    result.observe(user / 1e6, { 'cpu.mode': 'user' });
    result.observe(system / 1e6, { 'cpu.mode': 'system' });
  });
  make.gauge('nodejs.eventloop.delay.p99').addCallback((result) => {
    result.observe(delay.count === 0 ? 0 : delay.percentile(99) / 1e9);
    delay.reset();
  });
  make.gauge('nodejs.eventloop.utilization').addCallback((result) => {
    const now = performance.eventLoopUtilization();
    result.observe(performance.eventLoopUtilization(now, utilization).utilization);
    utilization = now;
  });
  make.gauge('culvert.build.info').addCallback((result) => result.observe(1, { ...build }));
  return () => delay.disable();
}

/** Undefined: the system does not tell it this way. */
async function openDescriptors(): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  // The look itself has the directory open.
  return (await readdir('/proc/self/fd')).length - 1;
}
