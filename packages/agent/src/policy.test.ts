import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from './address.ts';
import { Policy } from './policy.ts';
import { parseTarget } from './target.ts';

/** What becomes of `host:port` when its name resolves to `resolved`: 'allowed', or the reason. */
function decide(rules: { allow?: string[]; deny?: string[] }, host: string, port: number, resolved?: string): string {
  const policy = new Policy({ allow: rules.allow ?? [], deny: rules.deny ?? [] });
  const target = parseTarget(host, port);
  const byName = policy.checkName(target);
  if (!byName.allowed) return byName.reason;
  const address = target.address ?? parseAddress(resolved ?? '10.9.9.9');
  assert(address);
  const byAddress = policy.checkAddress(target, address);
  return byAddress.allowed ? 'allowed' : byAddress.reason;
}

const LOOPBACKS = [
  '127.0.0.1',
  '127.255.255.254',
  '127.1',
  '0x7f.1',
  '0x7f000001',
  '2130706433',
  '017700000001',
  '0177.0.0.1',
  '１２７.0.0.1',
  '127。0。0。1',
  '127.0.0.1.',
  '::1',
  '[::1]',
  '0:0:0:0:0:0:0:1',
  '::ffff:127.0.0.1',
  '::FFFF:7F00:1',
  '[::ffff:7f00:1]',
  '64:ff9b::127.0.0.1',
  '64:ff9b:1::7f00:1',
  '64:ff9b:1:7f00:0:100::',
  '::ffff:0:127.0.0.1',
  '::127.0.0.1',
  '2002:7f00:1::1',
];

test('loopback in any notation needs a rule that names it', () => {
  for (const host of LOOPBACKS) {
    assert.match(decide({}, host, 80), /loopback is denied unless allowed: --allow /, host);
    assert.match(decide({ allow: ['*'] }, host, 80), /loopback is denied/, `${host}, allowed *`);
    assert.match(decide({ allow: ['0.0.0.0/0', '::/0'] }, host, 80), /loopback is denied/, `${host}, allowed /0`);
  }
});

test('the other special ranges need a rule that names them too', () => {
  const cases: [host: string, kind: string][] = [
    ['169.254.169.254', 'link-local'],
    ['0xa9fea9fe', 'link-local'],
    ['fe80::1', 'link-local'],
    ['febf::1', 'link-local'],
    ['64:ff9b::a9fe:a9fe', 'link-local'],
    ['2002:a9fe:a9fe::', 'link-local'],
    ['0.0.0.0', 'unspecified'],
    ['0', 'unspecified'],
    ['::', 'unspecified'],
    ['::ffff:0.0.0.0', 'unspecified'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['ff02::1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['fd00:ec2::254', 'cloud metadata'],
    ['100.100.100.200', 'cloud metadata'],
  ];
  for (const [host, kind] of cases) {
    assert.match(decide({}, host, 80), new RegExp(`${kind} is denied unless allowed`), host);
    assert.match(decide({ allow: ['*:*'] }, host, 80), new RegExp(`${kind} is denied unless allowed`), host);
    assert.equal(decide({ allow: [parseTarget(host, 80).host] }, host, 80), 'allowed', `${host}, named`);
  }
});

test('without --allow everything else is allowed, private and public', () => {
  for (const host of [
    '10.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
    '8.8.8.8',
    'fd00::1',
    '2606:4700::1111',
    '126.255.255.255',
    '128.0.0.1',
    '64:ff9b::808:808',
    '2002:808:808::1',
  ]) {
    assert.equal(decide({}, host, 443), 'allowed', host);
  }
});

test('a name that resolves to a special address is allowed only by a rule that names it', () => {
  assert.equal(
    decide({}, 'localhost', 3000, '127.0.0.1'),
    'localhost:3000 (127.0.0.1): loopback is denied unless allowed: --allow localhost:3000',
  );
  assert.equal(decide({ allow: ['localhost:3000'] }, 'localhost', 3000, '127.0.0.1'), 'allowed');
  assert.equal(decide({ allow: ['localhost:3000'] }, 'LOCALHOST.', 3000, '::1'), 'allowed');
  assert.equal(decide({ allow: ['*.test'] }, 'app.test', 3000, '127.0.0.1'), 'allowed');
  assert.match(decide({ allow: ['localhost:3000'] }, 'localhost', 3001, '127.0.0.1'), /no --allow rule matches/);
  assert.match(decide({ allow: ['*'] }, 'evil.example', 80, '169.254.169.254'), /link-local is denied/);
  assert.match(decide({ allow: ['*:3000', 'other.test'] }, 'localhost', 3000, '127.0.0.1'), /loopback is denied/);
  assert.equal(decide({ allow: ['127.0.0.0/8'] }, 'localhost', 3000, '127.0.0.1'), 'allowed');
  assert.match(decide({ allow: ['126.0.0.0/7'] }, 'localhost', 3000, '127.0.0.1'), /loopback is denied/);
  assert.equal(decide({ allow: ['[64:ff9b::7f00:1]:80'] }, '64:ff9b::127.0.0.1', 80), 'allowed');
  assert.match(decide({ allow: ['64:ff9b::/96'] }, '64:ff9b::127.0.0.1', 80), /loopback is denied/);
});

test('with --allow only what matches, by name before and by address after the lookup', () => {
  const allow = ['*.corp.example:443', '10.0.0.0/8:8000-8999', 'db.corp.example:5432,5433'];
  assert.equal(decide({ allow }, 'a.corp.example', 443), 'allowed');
  assert.equal(decide({ allow }, 'a.b.corp.example', 443), 'allowed');
  assert.match(decide({ allow }, 'corp.example', 443), /^corp\.example:443: no --allow rule matches$/);
  assert.match(decide({ allow }, 'evilcorp.example', 443), /no --allow rule/);
  assert.match(decide({ allow }, 'a.corp.example.evil.test', 443), /no --allow rule/);
  assert.equal(decide({ allow }, 'DB.Corp.Example.', 5433), 'allowed');
  assert.match(decide({ allow }, 'db.corp.example', 5434), /no --allow rule/);
  assert.equal(decide({ allow }, 'anything.test', 8080, '10.1.2.3'), 'allowed');
  assert.match(
    decide({ allow }, 'anything.test', 8080, '11.1.2.3'),
    /anything\.test:8080 \(11\.1\.2\.3\): no --allow rule matches/,
  );
  assert.match(decide({ allow }, '11.1.2.3', 8080), /^11\.1\.2\.3:8080: no --allow rule matches$/);
  assert.equal(decide({ allow }, '167838211', 8999), 'allowed'); // 10.1.2.3
});

test('deny wins over allow, by name, by address, and by the address inside an address', () => {
  assert.equal(decide({ deny: ['10.0.0.0/8'] }, '10.2.3.4', 80), '10.2.3.4:80: denied by --deny 10.0.0.0/8');
  assert.equal(
    decide({ allow: ['*.corp.example'], deny: ['10.0.0.0/8'] }, 'db.corp.example', 80, '10.2.3.4'),
    'db.corp.example:80 (10.2.3.4): denied by --deny 10.0.0.0/8',
  );
  assert.match(decide({ deny: ['10.0.0.0/8'] }, '64:ff9b::10.2.3.4', 80), /denied by --deny 10\.0\.0\.0\/8/);
  assert.match(decide({ deny: ['10.0.0.0/8'] }, '::ffff:a02:304', 80), /denied by --deny/);
  assert.match(decide({ deny: ['::ffff:10.0.0.0/104'] }, '10.2.3.4', 80), /denied by --deny/);
  assert.match(decide({ allow: ['a.test'], deny: ['*:22'] }, 'a.test', 22), /denied by --deny \*:22/);
  assert.match(decide({ deny: ['BÜCHER.example'] }, 'xn--bcher-kva.example', 80), /denied by --deny BÜCHER\.example/);
  assert.match(decide({ deny: ['xn--bcher-kva.example'] }, 'bücher.example.', 80), /denied by/);
  assert.match(decide({ deny: ['*.corp.example'] }, 'A.B.CORP.EXAMPLE.', 80), /denied by/);
  assert.match(decide({ allow: ['127.0.0.1'], deny: ['localhost'] }, 'localhost', 80, '127.0.0.1'), /denied by/);
});

test('what is neither a name nor an address is refused, not guessed at', () => {
  for (const host of [
    '',
    '.',
    'a..b',
    'a b',
    'a/b',
    'a／b',
    'a？b',
    'a＠b',
    'a\tb',
    '℀.test',
    'a%2eb',
    '%6cocalhost',
    'fe80::1%eth0',
    '1.2.3.4.5',
    '256.1.1.1',
    '0x',
    '[a]',
    'a@b',
    'a:b',
    '[::1',
    'a\0b',
    `${'a'.repeat(64)}.test`,
  ]) {
    let outcome: string;
    try {
      const target = parseTarget(host, 80);
      outcome = target.host;
    } catch (error) {
      assert(error instanceof Error);
      outcome = error.message;
    }
    // `0x` is a WHATWG spelling of 0.0.0.0: an address, and a special one.
    assert.match(outcome, host === '0x' ? /^0\.0\.0\.0$/ : /is neither a name nor an address/, JSON.stringify(host));
  }
  for (const port of [0, -1, 65_536, 1.5, Number.NaN])
    assert.throws(() => parseTarget('a.test', port), /is not a port/);
});

test('property: every spelling of an IPv4 address gets the same verdict', () => {
  const rules = { allow: ['10.0.0.0/8', '*.corp.example'], deny: ['10.128.0.0/9:80-89'] };
  fc.assert(
    fc.property(
      fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)),
      fc.integer({ min: 1, max: 200 }),
      ([a, b, c, d], port) => {
        const value = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
        const dotted = `${a}.${b}.${c}.${d}`;
        const spellings = [
          `0x${value.toString(16)}`,
          String(value),
          `0${value.toString(8)}`,
          `${a}.${(value & 0xffffff) >>> 0}`,
          `0x${a.toString(16)}.0${b.toString(8)}.${(c << 8) | d}`,
          `${dotted}.`,
          `::ffff:${dotted}`,
          `[::FFFF:${dotted}]`,
        ];
        const expected = decide(rules, dotted, port);
        for (const spelling of spellings) assert.equal(decide(rules, spelling, port), expected, spelling);
      },
    ),
    { numRuns: 200 },
  );
});

test('property: a deny rule is never outvoted, whatever is allowed beside it', () => {
  const name = fc.constantFrom('a.corp.example', 'localhost', '10.1.2.3', '::1', 'x.test');
  const allow = fc.array(
    fc.constantFrom('*', '*.corp.example', 'localhost', '10.0.0.0/8', '::1', '127.0.0.1', 'x.test:80'),
  );
  fc.assert(
    fc.property(name, allow, fc.constantFrom('10.1.2.3', '127.0.0.1', '::1'), (host, rules, resolved) => {
      assert.match(decide({ allow: rules, deny: [host] }, host, 80, resolved), /denied by --deny/);
      const target = parseTarget(host, 80);
      assert.match(
        decide(
          { deny: [target.address?.text ?? resolved], allow: rules.length ? [...rules, host] : [] },
          host,
          80,
          resolved,
        ),
        /denied by --deny/,
      );
    }),
    { numRuns: 200 },
  );
});
