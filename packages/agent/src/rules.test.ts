import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CulvertError } from '@culvert/base';
import fc from 'fast-check';
import { parseRule } from './rules.ts';

test('hosts: names, wildcards, addresses, blocks', () => {
  assert.deepEqual(parseRule('*').host, { kind: 'any' });
  assert.deepEqual(parseRule('Db.Corp.Example.').host, { kind: 'name', name: 'db.corp.example' });
  assert.deepEqual(parseRule('*.Corp.Example').host, { kind: 'below', suffix: '.corp.example' });
  assert.deepEqual(parseRule('bücher.example').host, { kind: 'name', name: 'xn--bcher-kva.example' });
  for (const [text, base, prefix] of [
    ['10.0.0.1', '10.0.0.1', 32],
    ['10.0.0.0/8', '10.0.0.0', 8],
    ['0.0.0.0/0', '0.0.0.0', 0],
    ['::1', '::1', 128],
    ['[::1]', '::1', 128],
    ['fd00::/8', 'fd00::', 8],
    ['[fd00::/8]:443', 'fd00::', 8],
    ['::ffff:10.0.0.0/104', '10.0.0.0', 8],
  ] as const) {
    const { host } = parseRule(text);
    assert(host.kind === 'range', text);
    assert.equal(host.range.base.text, base, text);
    assert.equal(host.range.prefix, prefix, text);
  }
});

test('ports: one, a range, a list, all', () => {
  assert.deepEqual(parseRule('a.test').ports, []);
  assert.deepEqual(parseRule('a.test:*').ports, []);
  assert.deepEqual(parseRule('a.test:443').ports, [[443, 443]]);
  assert.deepEqual(parseRule('[::1]:80,8000-8999').ports, [
    [80, 80],
    [8000, 8999],
  ]);
  assert.deepEqual(parseRule('*:1-65535').ports, [[1, 65_535]]);
});

test('what is wrong is named, and the rule with it', () => {
  const cases: [rule: string, why: RegExp][] = [
    ['', /it is empty/],
    ['a b', /white space/],
    ['http://a.test', /it is a URL/],
    ['*.', /is no name, wildcard/],
    ['*foo.test', /is no name, wildcard/],
    ['a.*.test', /is no name, wildcard/],
    ['*.*.test', /is no name, wildcard/],
    ['a..b', /is no name, wildcard/],
    [':80', /the host is missing/],
    ['a.test:', /"" is no port/],
    ['a.test:http', /"http" is no port/],
    ['a.test:0', /from 1 to 65535/],
    ['a.test:65536', /from 1 to 65535/],
    ['a.test:9-8', /runs backwards/],
    ['a.test:80,', /"" is no port/],
    ['a:b:80', /several colons/],
    ['[::1', /closing bracket/],
    ['[10.0.0.1]:80', /brackets are for IPv6/],
    ['[::1]80', /ports start with a colon/],
    ['[fd00::]/8', /inside the brackets/],
    ['10.0.0.0/33', /no address or CIDR/],
    ['10.0.0.0/', /no address or CIDR/],
    ['10.0.0/8', /no address or CIDR/],
    ['::ffff:10.0.0.0/90', /no address or CIDR|several colons/],
    ['fe80::1%eth0', /several colons|no address/],
    ['10.0.0.5/8', /write 10\.0\.0\.0\/8/],
    ['fd00::1/8', /write fd00::\/8/],
    ['127.1', /odd way.*write 127\.0\.0\.1/],
    ['0x7f.1:80', /odd way.*write 127\.0\.0\.1/],
  ];
  for (const [rule, why] of cases) {
    assert.throws(
      () => parseRule(rule),
      (error) => {
        assert(error instanceof CulvertError, rule);
        assert.equal(error.code, 'config_invalid');
        assert(error.message.includes(JSON.stringify(rule)), error.message);
        assert.match(error.message, why);
        return true;
      },
      rule,
    );
  }
});

test('property: any text is either a rule or a config error, never another failure', () => {
  const piece = fc.constantFrom('*', '.', ':', '/', '[', ']', '-', ',', 'a', '1', '255', '::', 'ff', ' ', 'é', '%');
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')),
      (text) => {
        try {
          assert.equal(parseRule(text).text, text);
        } catch (error) {
          assert(error instanceof CulvertError && error.code === 'config_invalid', String(error));
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
