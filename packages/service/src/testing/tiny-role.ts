import { type Role, runRole, text } from '../index.ts';

interface TinyConfig {
  /** What goes wrong: see `misbehave`. */
  readonly trouble: string;
}

/** The smallest role, for the tests of `runRole`. */
const tinyRole: Role<TinyConfig> = {
  name: 'worker',
  options: {
    trouble: { flag: '--trouble', env: 'TINY_TROUBLE', parser: text, default: 'none', doc: 'what goes wrong' },
  },
  async start(config, context) {
    const { scope, logger } = context;
    scope.defer('first', () => logger.info({ event: 'tiny.end', name: 'first' }, 'first started, ended last'));
    scope.defer('second', () => logger.info({ event: 'tiny.end', name: 'second' }, 'second started, ended first'));
    context.admin.app.get('/hello', () => ({ hello: context.id }));
    await misbehave(config.trouble, context);
    return { addresses: { tiny: 'tcp://127.0.0.1:1' } };
  },
};

async function misbehave(trouble: string, context: Parameters<typeof tinyRole.start>[1]): Promise<void> {
  const { logger, scope } = context;
  switch (trouble) {
    case 'hangs-in-stop':
      scope.defer('hanging', () => new Promise(() => undefined));
      return;
    case 'fails-in-start':
      throw new Error('no luck today');
    case 'hangs-in-start':
      logger.info({ event: 'tiny.hanging' }, 'waiting for what never comes');
      return new Promise(() => undefined);
    case 'rejects-later':
      setImmediate(() => void Promise.reject(new Error('nobody handles me')));
      return;
    case 'task-dies':
      setImmediate(() => context.fatal('the beat', new Error('gave up')));
      return;
    case 'talks':
      scope.defer('talker', () => {
        for (let line = 0; line < 2000; line += 1) logger.info({ event: 'tiny.line', line }, 'x'.repeat(200));
      });
      return;
    case 'leaks':
      logger.info({ event: 'tiny.leak', secret: process.env.CULVERT_SECRET, context: { context } }, 'all of it');
      return;
    default:
  }
}

const flags: Record<string, string> = {};
for (let at = 2; at < process.argv.length; at += 2) {
  const name = (process.argv[at] ?? '').slice(2).replace(/-(.)/g, (_match, letter: string) => letter.toUpperCase());
  flags[name] = process.argv[at + 1] ?? '';
}
process.exit(await runRole(tinyRole, flags, process.env));
