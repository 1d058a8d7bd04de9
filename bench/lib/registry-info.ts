/** What a Redis has used since it started. */
export interface RedisUse {
  /** Of the whole process, user and system, µs. */
  readonly cpuUs: number;
  readonly commands: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly memoryBytes: number;
  /** Calls by command, in lower case; `script|load` and the like under their own names. */
  readonly calls: ReadonlyMap<string, number>;
}

/** Reads what INFO answers. Throws when a figure is missing. */
export function readInfo(text: string): RedisUse {
  const fields = new Map<string, string>();
  const calls = new Map<string, number>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1);
    fields.set(name, value);
    const count = name.startsWith('cmdstat_') ? /^calls=(\d+)/.exec(value)?.[1] : undefined;
    if (count !== undefined) calls.set(name.slice('cmdstat_'.length), Number(count));
  }
  const number = (name: string): number => {
    const value = Number(fields.get(name));
    if (Number.isNaN(value)) throw new Error(`INFO tells no ${name}`);
    return value;
  };
  return {
    cpuUs: (number('used_cpu_user') + number('used_cpu_sys')) * 1e6,
    commands: number('total_commands_processed'),
    bytesIn: number('total_net_input_bytes'),
    bytesOut: number('total_net_output_bytes'),
    memoryBytes: number('used_memory'),
    calls,
  };
}

/** What was used between two looks; memory as it grew. */
export function between(before: RedisUse, after: RedisUse): RedisUse {
  const calls = [...after.calls].map(([name, count]) => [name, count - (before.calls.get(name) ?? 0)] as const);
  return {
    cpuUs: after.cpuUs - before.cpuUs,
    commands: after.commands - before.commands,
    bytesIn: after.bytesIn - before.bytesIn,
    bytesOut: after.bytesOut - before.bytesOut,
    memoryBytes: after.memoryBytes - before.memoryBytes,
    calls: new Map(calls.filter(([, count]) => count > 0)),
  };
}
