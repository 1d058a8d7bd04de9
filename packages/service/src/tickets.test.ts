import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClusterSecret } from './secret.ts';
import { type AgentTicket, signTicket, type Ticket, verifyTicket } from './tickets.ts';

const secret = ClusterSecret.parse('an example secret of 32 bytes or more');
const NOW = 1_800_000_000_000;

const agentTicket: AgentTicket = {
  kind: 'agent',
  sessionId: 's_1',
  tenantId: 'acme',
  name: 'ci',
  agentId: 'a_1',
  keyId: 'k1',
  labels: { region: 'eu' },
  node: 'worker-1',
  lastEpoch: 0,
  connectionLimit: 100,
  expiresAt: NOW + 1,
};

const tickets: Ticket[] = [
  agentTicket,
  { ...agentTicket, standby: true },
  { kind: 'edge', sessionId: 's_1', tenantId: 'acme', node: 'worker-1', expiresAt: NOW + 1 },
  { kind: 'node', id: 'gateway-1', boot: 'b', role: 'gateway', node: 'worker-1', expiresAt: NOW + 1 },
];

describe('tickets', () => {
  for (const ticket of tickets) {
    it(`of kind ${ticket.kind}${'standby' in ticket ? ', standby,' : ''} come back as they were signed`, () => {
      assert.deepEqual(verifyTicket(secret, signTicket(secret, ticket), { node: 'worker-1', now: NOW }), ticket);
    });
  }

  it('are good for their worker only, and until they expire', () => {
    const token = signTicket(secret, agentTicket);
    assert.throws(() => verifyTicket(secret, token, { node: 'worker-2', now: NOW }), { code: 'ticket_invalid' });
    assert.throws(() => verifyTicket(secret, token, { node: 'worker-1', now: NOW + 1 }), { code: 'ticket_expired' });
  });

  it('are refused when any one character is changed', () => {
    const token = signTicket(secret, agentTicket);
    for (let at = 0; at < token.length - 1; at += 1) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      assert.throws(() => verifyTicket(secret, changed, { node: 'worker-1', now: NOW }), { code: 'ticket_invalid' });
    }
  });

  it('are refused from another cluster, of another kind, and when they are no tickets at all', () => {
    const foreign = signTicket(ClusterSecret.parse('another secret of 32 bytes or more..'), agentTicket);
    const unknown = signTicket(secret, { ...agentTicket, kind: 'later' } as unknown as Ticket);
    for (const token of [foreign, unknown, '', '.', 't1.', 't1..', 't1.e30.', 'x'.repeat(100_000)]) {
      assert.throws(() => verifyTicket(secret, token, { node: 'worker-1', now: NOW }), { code: 'ticket_invalid' });
    }
  });
});
