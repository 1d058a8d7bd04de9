import type { ChaosFault, ChaosFigures, ChaosRun, ChaosStep } from '@culvert/contracts';
import { colors } from '../colors.ts';
import { span } from '../deploy/time.ts';
import { ago, fields, orDash, table } from '../output.ts';

/** `kill worker-1`, `cut worker from redis for 10 s`. */
export function faultWords(fault: ChaosFault, nodes: ChaosStep['nodes'] = []): string {
  if (fault.type === 'restart_redis') {
    const away = fault.downMs ? `, away for ${span(fault.downMs)}` : '';
    return `restart Redis${fault.empty ? ', empty' : ''}${away}`;
  }
  const { target } = fault;
  const meant = 'node' in target ? target.node : `${target.percent ? `${target.percent} % of ` : 'any '}${target.role}`;
  const whom = nodes.length > 0 ? nodes.map(({ id }) => id).join(', ') : meant;
  switch (fault.type) {
    case 'kill':
      return `kill ${whom}`;
    case 'freeze':
      return `freeze ${whom} for ${span(fault.durationMs)}`;
    case 'cut':
      return `cut ${whom} from ${fault.from} for ${span(fault.durationMs)}${fault.reset ? ', with resets' : ''}`;
    case 'slow':
      return `slow ${fault.what} of ${whom} by ${span(fault.byMs)} for ${span(fault.durationMs)}`;
  }
}

/** What is under way now, in one line. */
export function progress({ steps, figures }: ChaosRun): string {
  const at = steps.findIndex(({ state }) => state === 'waiting' || state === 'active' || state === 'recovering');
  const step = steps[at];
  const where = step
    ? `${at + 1}/${steps.length} ${faultWords(step.fault, step.nodes)}: ${stateWords(step)}`
    : 'adding up';
  return `${where} · ${figures.opened} opened, ${figures.failed} failed, ${figures.resumed} resumed, ${figures.lost} lost`;
}

/** The report: what was done, what users noticed, what was promised. */
export function report(run: ChaosRun): string {
  const { figures, checks, steps } = run;
  const done = table(
    steps,
    [
      { title: 'STEP', value: (step) => `${steps.indexOf(step) + 1}`, right: true },
      { title: 'FAULT', value: ({ fault, nodes }) => faultWords(fault, nodes) },
      { title: 'STATE', value: ({ state }) => state.replaceAll('_', ' ') },
      { title: 'WELL AGAIN AFTER', value: ({ rtoMs }) => (rtoMs === null ? '-' : span(rtoMs)), right: true },
      { title: 'NODES BACK', value: backWords },
    ],
    'There was nothing to do.',
  );
  const judged = table(
    checks,
    [
      { title: 'PROMISE', value: ({ name }) => name },
      { title: 'PROMISED', value: ({ promised }) => promised },
      { title: 'MEASURED', value: ({ measured }) => measured },
      { title: '', value: ({ passed }) => (passed ? colors.green('kept') : colors.red('BROKEN')) },
    ],
    'It has not ended, so nothing is judged yet.',
  );
  return `${summary(run)}\n${done}\n${noticed(figures)}\n${judged}`;
}

export function listing(runs: readonly ChaosRun[]): string {
  return table(
    runs,
    [
      { title: 'ID', value: ({ id }) => id },
      { title: 'STATE', value: ({ state }) => state },
      { title: 'BEGAN', value: ({ startedAt }) => ago(startedAt) },
      { title: 'FAULTS', value: ({ steps }) => `${steps.length}`, right: true },
      { title: 'FIRST', value: ({ steps: [first] }) => (first ? faultWords(first.fault, first.nodes) : '-') },
      { title: 'RESUMED', value: ({ figures }) => `${figures.resumed}`, right: true },
      { title: 'LOST', value: ({ figures }) => `${figures.lost}`, right: true },
    ],
    'No failure was rehearsed so far.',
  );
}

function summary({ id, state, reason, seed, startedAt, endedAt }: ChaosRun): string {
  const paint = state === 'passed' ? colors.green : state === 'running' ? colors.cyan : colors.red;
  const lasted = endedAt === null ? 'under way' : span(new Date(endedAt).getTime() - new Date(startedAt).getTime());
  return fields([
    ['rehearsal', id],
    ['verdict', `${paint(state)}${reason === '' ? '' : `: ${reason}`}`],
    ['took', lasted],
    ['seed', `${seed}`],
  ]);
}

function noticed({ opened, failed, lost, resumed, gapMs, sessions, ...rest }: ChaosFigures): string {
  const gaps = gapMs ? `p50 ${span(gapMs.p50)}, p99 ${span(gapMs.p99)}, longest ${span(gapMs.max)}` : '';
  return fields([
    ['connections', `${opened} opened, ${failed} failed, ${resumed} resumed, ${lost} lost`],
    ['without a path for', orDash(gaps)],
    ['sessions', `${sessions.watched} watched, ${sessions.unserved} without an owner at worst, ${sessions.lost} lost`],
    ['data', `${rest.settingsLost} settings lost, ${rest.historyLost} of the last entries of the history lost`],
    ...(rest.edgesEnded > 0 ? [['gateways ended', `${rest.edgesEnded}, with their connections`] as const] : []),
  ]);
}

function stateWords({ state, detail }: ChaosStep): string {
  return detail === '' ? state : detail;
}

function backWords({ nodes }: ChaosStep): string {
  if (nodes.length === 0) return '-';
  return nodes.map(({ id, cameBack }) => (cameBack ? id : `${id}: no`)).join(', ');
}
