import type { DrainReport } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import { nodeView } from './fixtures.ts';

const STAGES = ['announce', 'idle', 'busy', 'force'];

/** A node of the simulated cluster. */
export class SimNode {
  readonly id: string;
  readonly version: string;
  readonly role: NodeView['role'];
  readonly startsAtMs: number;
  boot = 1;
  alive = true;
  cordoned: boolean;
  idle = 0;
  busy = 0;
  stage: string | null = null;
  orders: string[] = [];
  retired = false;
  exit: string | null = null;
  endsAtMs: number | null = null;
  /** It has been open to sessions at some time. */
  wasOpen: boolean;
  forced = false;
  /** What gateways and APIs believe of it, and since when it is so. */
  changedAtMs: number;

  constructor(id: string, version: string, role: NodeView['role'], cordoned: boolean, startsAtMs: number) {
    this.id = id;
    this.version = version;
    this.role = role;
    this.startsAtMs = startsAtMs;
    this.cordoned = cordoned;
    this.wasOpen = !cordoned;
    this.changedAtMs = startsAtMs;
  }

  get sessions(): number {
    return this.idle + this.busy;
  }

  isUp(nowMs: number): boolean {
    return this.alive && this.exit === null && nowMs >= this.startsAtMs;
  }

  serves(nowMs: number): boolean {
    return this.isUp(nowMs) && !this.cordoned && !this.retired;
  }

  order(stage: string, key: string): void {
    if (this.orders.includes(key)) return;
    this.orders.push(key);
    if (stage === 'force') this.forced = true;
    if (this.stage === null || STAGES.indexOf(stage) > STAGES.indexOf(this.stage)) this.stage = stage;
  }

  setCordoned(on: boolean, nowMs: number): void {
    if (this.cordoned !== on) this.changedAtMs = nowMs;
    this.cordoned = on;
    if (on) return;
    this.stage = null;
    this.wasOpen = true;
  }

  view(nowMs: number): NodeView {
    const draining = this.stage !== null || this.retired;
    const isEmpty = draining && this.sessions === 0;
    const up = isEmpty ? 'empty' : draining ? 'draining' : this.cordoned ? 'cordoned' : 'ready';
    const { id, version, role, cordoned } = this;
    const state = this.isUp(nowMs) ? up : 'dead';
    return nodeView(id, {
      version,
      role,
      cordoned,
      state,
      boot: `${id}#${this.boot}`,
      sessions: this.sessions,
      connections: this.busy,
    });
  }

  report(): DrainReport {
    return {
      ...{
        state: this.stage === null ? 'off' : this.sessions === 0 ? 'empty' : 'draining',
        stage: this.stage,
        policy: 'move',
      },
      ...{ deployment: 'd_1', fence: 1, orders: this.orders, idle: this.idle, busy: this.busy, connections: this.busy },
      ...{ direct: 0, sessions: [] },
    };
  }
}
