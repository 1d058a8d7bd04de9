import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import {
  deriveSessionId,
  pacToken,
  proxySecret,
  rootAdminKey,
  verifyPacToken,
  verifyProxySecret,
  verifyRootAdminKey,
} from './credentials.ts';
import { ClusterSecret } from './secret.ts';

const TEXT = 'an example secret of 32 bytes or more';
const secret = ClusterSecret.parse(TEXT);
const other = ClusterSecret.parse(`${TEXT}!`);

describe('derived credentials', () => {
  // Pinned: a release that derives them otherwise breaks every proxy setting out there.
  it('are the same for all time', () => {
    assert.equal(deriveSessionId(secret, 'acme', 'ci'), 's_3gd0vqxx2d9p62pf');
    assert.equal(proxySecret(secret, 's_0123456789abcdef'), 'r4rkk2n3n2epbqb0vahb4jxrpey1fhdm');
    assert.equal(rootAdminKey(secret), 'ck_root_2m3r6x2hyw5cnmhf853qkwad0ehtj097');
  });

  it('differ by tenant, by name, and by where the one ends and the other begins', () => {
    const ids = [
      deriveSessionId(secret, 'acme', 'ci'),
      deriveSessionId(secret, 'acme', 'cd'),
      deriveSessionId(secret, 'acm', 'eci'),
      deriveSessionId(other, 'acme', 'ci'),
    ];
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^s_[0-9a-z]{16}$/);
  });

  it('open only what they are for', () => {
    const password = proxySecret(secret, 's_a');
    assert.ok(verifyProxySecret(secret, 's_a', password));
    assert.ok(!verifyProxySecret(secret, 's_b', password));
    assert.ok(!verifyProxySecret(other, 's_a', password));
    assert.ok(!verifyProxySecret(secret, 's_a', ''));
    assert.ok(!verifyPacToken(secret, 's_a', password));
    assert.ok(verifyPacToken(secret, 's_a', pacToken(secret, 's_a')));
    assert.ok(verifyRootAdminKey(secret, rootAdminKey(secret)));
    assert.ok(!verifyRootAdminKey(other, rootAdminKey(secret)));
  });
});

describe('the cluster secret', () => {
  it('needs 32 bytes', () => {
    assert.throws(() => ClusterSecret.parse('x'.repeat(31)), { code: 'config_invalid' });
    assert.doesNotThrow(() => ClusterSecret.parse('x'.repeat(32)));
  });

  it('shows itself nowhere', () => {
    for (const shown of [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9, showHidden: true }),
    ]) {
      assert.ok(!shown.includes(TEXT), shown);
    }
  });
});
