import type { Deployment, DeploymentForecast } from '@culvert/contracts';
import { colors } from '../colors.ts';
import { orDash, table } from '../output.ts';
import { printable } from './line.ts';
import { span } from './time.ts';
import { aimOf, counted } from './words.ts';

/** Of the sessions that would be touched. */
const SESSIONS = 20;

/** `culvert deploy start --dry-run`: what would happen, how long it would take, which sessions it would touch. */
export function forecastText(deployment: Deployment): string {
  const { forecast, state, reason } = deployment;
  if (forecast === null || state === 'rejected') {
    const why = reason === null ? 'no reason is given' : printable(reason);
    return `It could not begin: ${why}\n${forecast === null ? '' : warningsOf(forecast)}`;
  }
  const { nodes, estimateMs } = forecast;
  const waves = new Set(nodes.map(({ wave }) => wave)).size;
  const total = (part: 'sessions' | 'busy' | 'connections'): number => nodes.reduce((sum, node) => sum + node[part], 0);
  const sums = `${counted(total('sessions'), 'session')}, ${total('busy')} busy with ${counted(total('connections'), 'connection')}`;
  return (
    `${printable(aimOf(deployment))}\n` +
    `${counted(waves, 'wave')}; ${sums}; about ${span(estimateMs)} if nothing has to be waited for\n\n` +
    nodeTable(nodes) +
    sessionsOf(forecast, total('sessions')) +
    warningsOf(forecast) +
    '\nNothing was touched: this was a dry run.\n'
  );
}

function nodeTable(nodes: DeploymentForecast['nodes']): string {
  return table(
    nodes,
    [
      { title: 'WAVE', value: ({ wave }) => String(wave), right: true },
      { title: 'NODE', value: ({ id }) => id },
      { title: 'VERSION', value: ({ version }) => version },
      { title: 'REPLACEMENT', value: ({ replacement }) => replacement },
      { title: 'SESSIONS', value: ({ sessions }) => String(sessions), right: true },
      { title: 'BUSY', value: ({ busy }) => String(busy), right: true },
      { title: 'CONNECTIONS', value: ({ connections }) => String(connections), right: true },
    ],
    'No node would be replaced.',
  );
}

function sessionsOf({ sessions }: DeploymentForecast, total: number): string {
  if (sessions.length === 0) return '';
  const shown = sessions.slice(0, SESSIONS);
  const rows = table(
    shown,
    [
      { title: 'SESSION', value: ({ id }) => id },
      { title: 'NAME', value: ({ name }) => orDash(name) },
      { title: 'TENANT', value: ({ tenant }) => tenant },
      { title: 'NODE', value: ({ node }) => node },
      { title: 'CONNECTIONS', value: ({ connections }) => String(connections), right: true },
    ],
    '',
  );
  const more = Math.max(total, sessions.length) - shown.length;
  return `\n${rows}${more > 0 ? `and ${more} more\n` : ''}`;
}

function warningsOf({ warnings }: DeploymentForecast): string {
  if (warnings.length === 0) return '';
  return `\n${warnings.map((warning) => `${colors.yellow('!')} ${printable(warning)}\n`).join('')}`;
}
