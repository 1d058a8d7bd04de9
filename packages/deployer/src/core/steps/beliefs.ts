import type { NodeView } from '@culvert/registry';
import type { Look, Unmet } from './step.ts';

const asksForRoutes = ({ role, state }: NodeView): boolean =>
  (role === 'gateway' || role === 'api') && state !== 'dead' && state !== 'booting';

/** Undefined once every live gateway and API believes that the subject is cordoned, or not. */
export function disbelief({ observation, subject }: Look, cordoned: boolean): Unmet | undefined {
  const said = new Map((observation.beliefs[subject] ?? []).map((belief) => [belief.node, belief.cordoned]));
  const missing = observation.nodes.filter((node) => asksForRoutes(node) && said.get(node.id) !== cordoned);
  if (missing.length === 0 && observation.beliefs[subject] !== undefined) return undefined;
  const names = missing.map(({ id }) => id).join(', ') || 'the gateways';
  return {
    code: 'gateway_ack',
    condition: `${names} ${missing.length > 1 ? 'have' : 'has'} not said yet that ${subject} ${cordoned ? 'takes no' : 'takes'} new sessions`,
    endsWhen: 'every live gateway and API has said so',
  };
}
