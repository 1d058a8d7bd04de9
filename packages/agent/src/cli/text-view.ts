import type { AgentEvent, SessionInfo } from '../events.ts';
import type { CommandIo } from './io.ts';
import type { View } from './view.ts';

/** Every so many repetitions of the same failure are told again where there is no status line to rewrite. */
const REPEAT_EVERY = 10;

/**
 * For people: what they need (session, proxy, a curl line) on stdout; how it goes on stderr, as one line that is
 * rewritten on a terminal and as plain lines otherwise.
 */
export class TextView implements View {
  readonly #io: CommandIo;
  readonly #exampleTarget: string;
  readonly #live: boolean;
  #status = '';
  #statusShown = false;
  #lastFailure = '';
  #counts = { open: 0, served: 0, refused: 0 };
  /** Open ones that have no path now, by id. */
  readonly #detached = new Set<string>();

  constructor(io: CommandIo, exampleTarget: string) {
    this.#io = io;
    this.#exampleTarget = exampleTarget;
    this.#live = io.stderr.isTTY === true;
  }

  start(api: string): void {
    this.#setStatus(`connecting to ${api}`);
  }

  show(event: AgentEvent): void {
    switch (event.event) {
      case 'session.open':
        return this.#print(this.#sessionText(event));
      case 'link.up':
        this.#lastFailure = '';
        return this.#setStatus(`up, served by ${event.node}`);
      case 'link.leaving':
        return this.#setStatus(`${event.node} asks to move (${event.code}): looking for another worker`);
      case 'standby.up':
        return this.#note(`${event.node} stands by`);
      case 'standby.down':
        return this.#note(`${event.node} stands by no more: ${event.message} (${event.code})`);
      case 'link.down':
        return this.#setStatus(`link down: ${event.message} (${event.code})${again(event.retryInMs)}`);
      case 'retrying':
        return this.#onRetrying(event);
      case 'closed':
        if (event.outcome === 'stopped') return this.#setStatus('stopped');
        return this.#setStatus(`ended: ${event.message} (${event.code})`);
      default:
        return this.#onConnection(event);
    }
  }

  stopping(open: number, now: boolean): void {
    if (now) this.#setStatus('stopping now');
    else this.#setStatus(open === 0 ? 'stopping' : `stopping; waits for ${open} open connections; once more means now`);
  }

  /** Leaves the cursor below the status line. */
  end(): void {
    if (this.#statusShown) this.#io.stderr.write('\n');
    this.#statusShown = false;
  }

  #onRetrying(event: AgentEvent & { event: 'retrying' }): void {
    const text = `not connected: ${event.message} (${event.code})`;
    const repeated = text === this.#lastFailure && event.attempt % REPEAT_EVERY !== 0;
    this.#lastFailure = text;
    if (this.#live || !repeated) this.#setStatus(`${text}${again(event.retryInMs)}`);
  }

  #onConnection(event: AgentEvent & { event: `connection.${string}` }): void {
    switch (event.event) {
      case 'connection.open':
        this.#counts.open += 1;
        this.#counts.served += 1;
        break;
      case 'connection.detach':
        this.#detached.add(event.connectionId);
        break;
      case 'connection.resume':
        this.#detached.delete(event.connectionId);
        break;
      case 'connection.close':
        this.#counts.open -= 1;
        this.#detached.delete(event.connectionId);
        if (event.reason === 'resume_expired') this.#note(`lost ${event.target}: nobody resumed it (${event.reason})`);
        break;
      case 'connection.refused':
        this.#counts.refused += 1;
        this.#note(`refused ${event.target}: ${event.message} (${event.code})`);
    }
    if (this.#live) this.#draw();
  }

  #sessionText({ sessionId, proxy, pac }: SessionInfo): string {
    const url = new URL(proxy);
    const shown = `${url.protocol}//${url.host}`;
    return [
      `Session  ${sessionId}`,
      `Proxy    ${shown}  user ${decodeURIComponent(url.username)}, password in the line below`,
      `PAC      ${pac}`,
      '',
      `  curl --proxy '${proxy}' ${this.#exampleTarget}`,
      '',
      '',
    ].join('\n');
  }

  #setStatus(text: string): void {
    this.#status = printable(text);
    if (this.#live) this.#draw();
    else this.#io.stderr.write(`${this.#status}\n`);
  }

  /** A line of its own, above the status line. */
  #note(text: string): void {
    this.#clear();
    this.#io.stderr.write(`${printable(text)}\n`);
    if (this.#live) this.#draw();
  }

  #print(text: string): void {
    this.#clear();
    this.#io.stdout.write(text);
    if (this.#live) this.#draw();
  }

  #draw(): void {
    const { open, served, refused } = this.#counts;
    const detached = this.#detached.size > 0 ? ` (${this.#detached.size} without a path)` : '';
    const line = `${this.#status} · ${open} open${detached} · ${served} served · ${refused} refused`;
    const width = Math.max(20, (this.#io.stderr.columns ?? 80) - 1);
    this.#io.stderr.write(`\r\u001b[2K${line.slice(0, width)}`);
    this.#statusShown = true;
  }

  #clear(): void {
    if (this.#statusShown) this.#io.stderr.write('\r\u001b[2K');
    this.#statusShown = false;
  }
}

function again(retryInMs: number | null): string {
  return retryInMs === null ? '' : `; next try in ${(retryInMs / 1_000).toFixed(1)} s`;
}

/** Targets and messages come from the other side of the tunnel: they must not drive the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
