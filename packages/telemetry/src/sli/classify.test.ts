import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, type ErrorCode } from '@culvert/base';
import { FAULTS, faultOf } from './classify.ts';

const error = (code: ErrorCode, cause?: CulvertError): CulvertError => new CulvertError(code, undefined, { cause });

describe('whose fault it is that a connection came to nothing', () => {
  it('is Culvert’s when the way through it is what failed', () => {
    for (const code of ['recovering', 'registry_unavailable', 'no_worker_available', 'node_unreachable'] as const) {
      assert.equal(faultOf(error(code)), 'failed', code);
    }
    for (const code of ['draining', 'shutting_down', 'link_lost', 'link_timeout', 'internal', 'overloaded'] as const) {
      assert.equal(faultOf(error(code)), 'failed', code);
    }
  });

  it('is another’s when the target, the rules, the browser or the agent is why', () => {
    for (const code of ['target_unreachable', 'target_denied', 'cancelled', 'limit_exceeded', 'key_revoked'] as const) {
      assert.equal(faultOf(error(code)), 'excused', code);
    }
    assert.equal(faultOf(error('session_offline')), 'excused', 'an agent that has left');
    assert.equal(faultOf(error('session_offline', error('session_offline'))), 'excused', 'its worker says so');
    assert.equal(faultOf(error('target_timeout')), 'excused', 'the agent says so');
  });

  it('is Culvert’s when a session was waited for in vain whose worker is gone, or a dial that nobody answered', () => {
    for (const cause of ['node_unreachable', 'link_timeout', 'wrong_owner', 'draining'] as const) {
      assert.equal(faultOf(error('session_offline', error(cause))), 'failed', cause);
      const twice = error('session_offline', error('session_offline', error(cause)));
      assert.equal(faultOf(twice), 'failed', `${cause}, wrapped again`);
    }
    assert.equal(faultOf(error('target_timeout', error('timeout'))), 'failed');
  });

  it('does not look into other codes', () => {
    assert.equal(faultOf(error('target_denied', error('internal'))), 'excused');
    assert.equal(faultOf(error('draining', error('target_denied'))), 'failed');
  });

  it('ends for causes that go round in a circle', () => {
    const circle = error('session_offline');
    Object.defineProperty(circle, 'cause', { value: circle });
    assert.equal(faultOf(circle), 'excused');
  });

  it('has words for each code', () => {
    for (const [code, { why }] of Object.entries(FAULTS)) assert.match(why, /^[a-z].{10}/, code);
  });
});
