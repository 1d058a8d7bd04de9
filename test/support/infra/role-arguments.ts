import assert from 'node:assert/strict';
import { apiRole } from '@culvert/api';
import { deployerRole } from '@culvert/deployer';
import { gatewayRole } from '@culvert/gateway';
import { type CommonConfig, listOptions, type OptionTable, readOptions, roleOptions } from '@culvert/service';
import { readExportConfig } from '@culvert/telemetry';
import { workerRole } from '@culvert/worker';

/** What roles read: variables of their options (an image sets those of all), and what every process reads beside them. */
const VARIABLES = new Set(['CULVERT_VERSION', 'CULVERT_TRACE_SLOW_MS']);

/** How the options of each role are read; the table's type stays inside. */
const TABLES = {
  api: reader(roleOptions(apiRole)),
  gateway: reader(roleOptions(gatewayRole)),
  worker: reader(roleOptions(workerRole)),
  deployer: reader(roleOptions(deployerRole)),
};

type Arguments = readonly string[];
type Variables = Readonly<Record<string, string>>;

/**
 * Reads a command line such as `['worker', '--pool=a']` as the role does. Throws where the role would not start, and for
 * a variable that nobody reads.
 */
export function readRole([role, ...args]: Arguments, env: Variables): CommonConfig & Record<string, unknown> {
  assert.ok(role !== undefined && Object.hasOwn(TABLES, role), `no role ${role}`);
  return TABLES[role as keyof typeof TABLES](args, env);
}

function reader<C>(table: OptionTable<C & CommonConfig>) {
  const options = listOptions(table);
  for (const { env } of options) VARIABLES.add(env);
  return (args: Arguments, env: Variables): CommonConfig & Record<string, unknown> => {
    const flags: Record<string, string> = {};
    for (const [flag, given] of pairs(args)) {
      const option = options.find((known) => known.flag === flag);
      assert.ok(option?.attribute, `unknown option ${flag}`);
      const value = given ?? option.alone;
      assert.ok(value !== null, `${flag} needs a value`);
      flags[option.attribute] = value;
    }
    for (const name of Object.keys(env)) {
      assert.ok(!name.startsWith('CULVERT_') || VARIABLES.has(name), `no role reads ${name}`);
    }
    readExportConfig(env);
    const config: object = readOptions(table, flags, env);
    // The table has the common options; the role's own are looked at by name.
    return config as CommonConfig & Record<string, unknown>;
  };
}

/** `--a=b`, `--a b` and `--a`. */
function pairs(args: Arguments): [flag: string, value: string | null][] {
  const found: [string, string | null][] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    assert.match(arg, /^--[a-z]/, `${arg} is no option`);
    const [flag = '', ...value] = arg.split('=');
    const next = args[index + 1];
    if (value.length > 0) found.push([flag, value.join('=')]);
    else if (next === undefined || next.startsWith('--')) found.push([flag, null]);
    else {
      found.push([flag, next]);
      index += 1;
    }
  }
  return found;
}
