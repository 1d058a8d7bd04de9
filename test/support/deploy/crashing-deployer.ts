// `deployer --id ID …`: a deploy worker that kills itself at one step and stage, CULVERT_TEST_CRASH=<step>:<stage>.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { deployerRoleWith } from '@culvert/deployer';
import { runRole } from '@culvert/service';

const [step, stage] = (process.env.CULVERT_TEST_CRASH ?? '').split(':');
const { tokens } = parseArgs({ args: process.argv.slice(3), strict: false, tokens: true, allowPositionals: true });
const flags: Record<string, string> = {};
// `--stop-deadline 8s` is stopDeadline to a role.
for (const [index, token] of tokens.entries()) {
  const next = tokens[index + 1];
  if (token.kind !== 'option' || next?.kind !== 'positional') continue;
  flags[token.name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())] = next.value;
}

const role = deployerRoleWith({
  onStage: (at, about) => {
    if (at !== stage || about.step !== step) return;
    process.kill(process.pid, 'SIGKILL');
  },
});
process.exit(await runRole(role, flags, process.env));
