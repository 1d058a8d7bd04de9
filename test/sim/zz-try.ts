import { simulate } from './simulate.ts';

const [from, n, verbose] = process.argv.slice(2);
let events = 0,
  opened = 0,
  bytes = 0;
const t = performance.now();
let fails = 0;
const kinds: Record<string, number[]> = {};
for (let s = Number(from); s < Number(from) + Number(n); s++) {
  const r = await simulate({ seed: s, ...(verbose ? { tell: (l: string) => console.log(l) } : {}) });
  events += r.events;
  opened += r.opened;
  bytes += r.bytes;
  if (r.failure) {
    fails++;
    const k = r.failure.message.slice(0, 110).replace(/\d+/g, 'N');
    (kinds[k] ??= []).push(s);
    if (verbose) console.log(r.failure.stack, r.failure.cause ?? '');
  }
}
console.log({
  fails,
  events,
  opened,
  bytes,
  s: (performance.now() - t) / 1000,
  perSeedMs: (performance.now() - t) / Number(n),
});
for (const [k, v] of Object.entries(kinds).sort((a, b) => b[1].length - a[1].length))
  console.log(v.length, k, v.slice(0, 6).join(' '));
