// `npm run bench -- registry [--rounds N --quick --only …]`: what the registry costs Redis, beside redis-benchmark in the
// same run. Writes its part of RESULTS.md. See README.md for what is measured and why so.
import { parseArgs } from 'node:util';
import { measureBeats } from './lib/registry-beats.ts';
import { measureIdleTraffic } from './lib/registry-idle.ts';
import { measureMemory } from './lib/registry-memory.ts';
import { measureRates } from './lib/registry-rates.ts';
import { measureRebuild } from './lib/registry-rebuild.ts';
import { describeRun, writePart } from './lib/results.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    sessions: { type: 'string', default: '100000' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});
const rounds = Number(flags.rounds);
const { quick } = flags;
const sessions = quick ? Math.ceil(Number(flags.sessions) / 10) : Number(flags.sessions);

const SECTIONS: Record<string, () => Promise<string>> = {
  rates: () => measureRates({ rounds, sessions, ms: quick ? 500 : 3_000 }),
  memory: () => measureMemory(sessions),
  beats: () =>
    measureBeats({
      rounds,
      sizes: [0, sessions / 10, sessions],
      beats: quick ? 2_000 : 20_000,
      idleMs: quick ? 2_000 : 6_000,
    }),
  idle: () => measureIdleTraffic({ sessions: quick ? 500 : 5_000, ms: quick ? 4_000 : 20_000 }),
  rebuild: () => measureRebuild({ rounds: Math.min(rounds, 3), sessions }),
};

const wanted = flags.only === '' ? Object.keys(SECTIONS) : flags.only.split(',');
const sections: string[] = [];
for (const name of wanted) {
  const section = SECTIONS[name];
  if (section === undefined) throw new Error(`--only takes ${Object.keys(SECTIONS).join(', ')}, not ${name}`);
  sections.push(await section());
}
const intro = describeRun(
  'npm run bench -- registry',
  `${rounds} rounds${quick ? ', quick' : ''}.\nMedians, in brackets the least and the most of the rounds`,
);
const text = ['# The registry', '', intro, '', ...sections].join('\n');
process.stdout.write(`${text}\n`);
if (flags.only === '' && !quick) writePart('registry', text);
