import type { ClusterEvent, LocalCluster } from '@culvert/local';
import { colors } from '../colors.ts';
import { json, type Output } from '../output.ts';

/** How `culvert up` tells what happens. */
export interface Progress {
  show(event: ClusterEvent): void;
  /** Everything works. */
  ready(cluster: LocalCluster): void;
  stopping(): void;
  stopped(): void;
}

/** For programs: one event a line. `ready` carries what local.json holds, credentials included. */
export class JsonProgress implements Progress {
  readonly #to: Output;

  constructor(to: Output) {
    this.#to = to;
  }

  show(event: ClusterEvent): void {
    this.#to.write(json(event));
  }

  ready(cluster: LocalCluster): void {
    this.#to.write(json({ event: 'ready', ...cluster }));
  }

  stopping(): void {
    this.#to.write(json({ event: 'stopping' }));
  }

  stopped(): void {
    this.#to.write(json({ event: 'stopped' }));
  }
}

/** For people: a line per step, then what to paste. */
export class TextProgress implements Progress {
  readonly #stdout: Output;
  readonly #stderr: Output;

  constructor({ stdout, stderr }: { stdout: Output; stderr: Output }) {
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  show(event: ClusterEvent): void {
    switch (event.event) {
      case 'redis.fetching':
        return this.#line('…', 'Redis', event.message);
      case 'redis.ready':
        return this.#line(colors.green('✓'), 'Redis', event.port ? `private, port ${event.port}` : 'the one given');
      case 'process.ready':
        return this.#line(colors.green('✓'), event.id, `${Object.values(event.addresses).join('  ')}`);
      case 'node.launched':
        return this.#line('…', event.id, launched(event));
      case 'node.ended':
        return event.deployment === null
          ? this.#alarm(`${event.id} (version ${event.version}) did not start: ${event.exit}`)
          : this.#line('·', event.id, `${event.exit}, ordered by deployment ${event.deployment}`);
      case 'demo.ready':
        return this.#line(colors.green('✓'), 'demo', `${event.target} answers through session ${event.session}`);
      case 'redis.exit':
        return this.#alarm(`Redis ended unasked: ${event.message}`);
      case 'process.exit':
        return this.#alarm(
          `${event.id} (pid ${event.pid}) ended unasked: ${event.signal ?? `exit code ${event.code}`}\n${indent(event.logTail)}`,
        );
      case 'process.restart':
        return this.#alarm(`${event.id} is started again in ${(event.inMs / 1000).toFixed(1)} s`);
      case 'process.restart_failed':
        return this.#alarm(event.message);
    }
  }

  ready({ api, dashboard, adminKey, gateways, demo, dataDir }: LocalCluster): void {
    const row = (name: string, text: string): string => `  ${colors.dim(name.padEnd(10))}${text}\n`;
    const proxies = gateways.map(({ proxy }) => proxy).join('  ');
    this.#stdout.write(
      `\n${colors.bold('Culvert is ready.')}\n\n` +
        row('Dashboard', `${dashboard}   sign in with the admin key`) +
        row('Admin key', adminKey) +
        row('API', `${api}/v1   documentation: ${api}/docs`) +
        row('Proxy', proxies) +
        row('Data', `${dataDir}   (local.json, logs/)`) +
        (demo
          ? `\nA private app that only the demo agent can reach, through the cluster:\n\n  curl -x ${demo.proxy} ${demo.target}\n`
          : '\nOpen a session: culvert tenants create ID, culvert keys create --tenant ID, culvert connect\n') +
        `\nLook around: npx culvert sessions ls · nodes ls · doctor\nCtrl-C stops everything.\n`,
    );
  }

  stopping(): void {
    this.#stdout.write('\nStopping; Ctrl-C again kills.\n');
  }

  stopped(): void {
    this.#stdout.write('Stopped.\n');
  }

  #line(sign: string, what: string, words: string): void {
    this.#stdout.write(`${sign} ${what.padEnd(11)} ${colors.dim(words)}\n`);
  }

  #alarm(words: string): void {
    this.#stderr.write(`${colors.red('!')} ${words}\n`);
  }
}

function launched({ version, replaces, deployment }: Extract<ClusterEvent, { event: 'node.launched' }>): string {
  const instead = replaces === null ? '' : ` in place of ${replaces}`;
  return `version ${version} starts${instead}, ordered by deployment ${deployment}`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}
