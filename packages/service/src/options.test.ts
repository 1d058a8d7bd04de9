import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { commonOptions } from './common-options.ts';
import { listOptions, type OptionTable, readOptions } from './options.ts';
import {
  duration,
  type HostPort,
  hostPort,
  identifier,
  integer,
  oneOf,
  type Parser,
  stringList,
  text,
  url,
  yesNo,
} from './parsers.ts';

interface Example {
  readonly listen: HostPort;
  readonly workers: number;
  readonly password: string;
}

const table: OptionTable<Example> = {
  listen: { flag: '--listen-on', env: 'X_LISTEN', parser: hostPort, default: { host: '::1', port: 0 }, doc: 'where' },
  workers: { flag: '--workers', env: 'X_WORKERS', parser: integer(1, 9), doc: 'how many' },
  password: {
    flag: null,
    env: 'X_PASSWORD',
    parser: { expects: 'a good one', parse: (given) => (given.length > 9 ? given : undefined) },
    secret: true,
    doc: 'p',
  },
};

describe('readOptions', () => {
  it('takes a flag over its variable, a variable over the default, and an empty variable for none', () => {
    const env = { X_LISTEN: '', X_WORKERS: '3', X_PASSWORD: 'long enough' };
    assert.deepEqual(readOptions(table, { workers: '5' }, env), {
      listen: { host: '::1', port: 0 },
      workers: 5,
      password: 'long enough',
    });
    assert.equal(readOptions(table, { listenOn: 'h:1' }, env).listen.host, 'h');
  });

  it('collects all that is wrong, by flag and variable, and repeats no secret', () => {
    assert.throws(
      () => readOptions(table, { listenOn: 'redis://u:hunter2@h' }, { X_PASSWORD: 'short' }),
      (error) => {
        assert.ok(error instanceof CulvertError);
        assert.equal(error.code, 'config_invalid');
        assert.match(error.message, /--listen-on \/ X_LISTEN: "redis:\/\/\*\*\*@h" given; expected host:port/);
        assert.match(error.message, /--workers \/ X_WORKERS: missing; expected a whole number from 1 to 9/);
        assert.match(error.message, /X_PASSWORD: expected a good one/);
        assert.doesNotMatch(error.message, /short|hunter2/);
        return true;
      },
    );
  });
});

describe('listOptions', () => {
  it('tells a command line parser what it needs', () => {
    assert.deepEqual(
      listOptions(table).map(({ flag, attribute, env, description, required }) => [
        flag,
        attribute,
        env,
        description,
        required,
      ]),
      [
        ['--listen-on', 'listenOn', 'X_LISTEN', 'where (default: [::1]:0)', false],
        ['--workers', 'workers', 'X_WORKERS', 'how many (required)', true],
        [null, null, 'X_PASSWORD', 'p (required)', true],
      ],
    );
  });

  it('offers no flag for the secret, and a fresh id for each process', () => {
    const common = commonOptions('worker');
    assert.equal(common.secret.flag, null);
    assert.match(common.id.default ?? '', /^worker-[0-9a-z]{8}$/);
    assert.notEqual(common.id.default, commonOptions('worker').id.default);
    assert.ok(listOptions(common).some((option) => option.description.endsWith('(default: 30s)')));
  });
});

function check<T>(parser: Parser<T>, cases: readonly (readonly [string, T | undefined])[]): void {
  for (const [given, expected] of cases) assert.deepEqual(parser.parse(given), expected, JSON.stringify(given));
}

describe('parsers', () => {
  it('host:port', () => {
    check(hostPort, [
      ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
      ['[::1]:0', { host: '::1', port: 0 }],
      ['a-b.example:65535', { host: 'a-b.example', port: 65535 }],
      ['h:65536', undefined],
      ['::1:80', undefined],
      [':80', undefined],
      ['h', undefined],
      ['h:', undefined],
      ['h:-1', undefined],
      ['h:80/x', undefined],
    ]);
  });

  it('integer', () => {
    check(integer(-1, 10), [
      ['10', 10],
      ['-1', -1],
      ['11', undefined],
      ['-2', undefined],
      ['1.5', undefined],
      ['1e1', undefined],
      ['', undefined],
      ['0x1', undefined],
    ]);
  });

  it('duration', () => {
    check(duration(1, 3_600_000), [
      ['500ms', 500],
      ['30s', 30_000],
      ['2m', 120_000],
      ['1h', 3_600_000],
      ['1.5s', 1500],
      ['2h', undefined],
      ['0s', undefined],
      ['30', undefined],
      ['s', undefined],
      ['-1s', undefined],
    ]);
  });

  it('url', () => {
    check(url('redis', 'rediss'), [
      ['redis://h:1/0', 'redis://h:1/0'],
      ['http://h', undefined],
      ['h:1', undefined],
      ['', undefined],
    ]);
  });

  it('yesNo: a flag that may stand alone', () => {
    check(yesNo, [
      ['true', true],
      ['false', false],
      ['1', undefined],
      ['', undefined],
    ]);
    const option = { flag: '--quick', env: 'X_QUICK', parser: yesNo, default: false, doc: 'q' };
    assert.deepEqual(
      listOptions({ option, other: table.workers }).map(({ alone }) => alone),
      ['true', null],
    );
    assert.deepEqual(readOptions({ option }, { quick: 'true' }, {}), { option: true });
    assert.deepEqual(readOptions({ option }, {}, { X_QUICK: 'false' }), { option: false });
  });

  it('oneOf, stringList, identifier, text', () => {
    check(oneOf('a', 'b'), [
      ['a', 'a'],
      ['c', undefined],
      ['A', undefined],
    ]);
    check(stringList, [
      ['a, b', ['a', 'b']],
      ['a', ['a']],
      ['a,,b', undefined],
      ['', undefined],
    ]);
    check(identifier, [
      ['a', 'a'],
      ['a.b-c_d', 'a.b-c_d'],
      ['-a', undefined],
      ['a-', undefined],
      ['A', undefined],
      ['x'.repeat(64), undefined],
    ]);
    check(text, [
      ['x', 'x'],
      ['', undefined],
    ]);
  });
});
