import { CulvertError } from '@culvert/base';
import type { Receipt } from '@culvert/contracts';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { findDeployment } from '../deploy/find.ts';
import { receiptCsv, receiptText } from '../deploy/receipt-words.ts';
import { json } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

/** That of a large deployment tells of a hundred thousand sessions. */
const DEADLINE_MS = 60_000;

interface ReceiptFlags extends TargetFlags {
  readonly csv?: boolean;
  readonly verify?: boolean;
  readonly dataDir?: string;
}

/** `culvert deploy receipt`. */
export function addReceipt(deploy: Command, context: CommandContext): void {
  withTarget(deploy.command('receipt [id]').description('what became of every session that a deployment touched'))
    .addOption(new Option('--csv', 'every session, one a line').conflicts('json'))
    .option(
      '--verify',
      "check its signature with the cluster's secret (CULVERT_SECRET), and print it only if it is right",
    )
    .option('--data-dir <dir>', 'of a local cluster, for its secret')
    .action((id: string | undefined, flags: ReceiptFlags) => show(id, flags, context));
}

async function show(id: string | undefined, flags: ReceiptFlags, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  const { id: found } = await findDeployment(api, id, { orLast: true });
  const path = `/deployments/${encodeURIComponent(found)}/receipt`;
  const receipt = await api.call<Receipt>('GET', path, { deadlineMs: DEADLINE_MS });
  if (flags.verify) await verify(receipt, flags.dataDir);
  if (flags.json) stdout.write(json(receipt));
  else stdout.write(flags.csv ? receiptCsv(receipt) : receiptText(receipt));
}

async function verify(receipt: Receipt, dataDir: string | undefined): Promise<void> {
  const [{ ClusterSecret, verifyReceipt }, { DEFAULT_DATA_DIR, readClusterSecret }] = await Promise.all([
    import('@culvert/service'),
    import('@culvert/local'),
  ]);
  const folder = dataDir ?? DEFAULT_DATA_DIR;
  const secret = process.env.CULVERT_SECRET || readClusterSecret(folder);
  if (!secret) {
    throw new CulvertError('config_invalid', `CULVERT_SECRET is not set, and ${folder} holds no cluster's secret`, {
      fix: "Set CULVERT_SECRET to the cluster's secret, or give the --data-dir of a local cluster.",
    });
  }
  if (verifyReceipt(ClusterSecret.parse(secret), receipt)) return;
  throw new CulvertError('forbidden', `the signature of the receipt of ${receipt.id} is wrong`, {
    fix: 'It was changed after it was signed, or this is the secret of another cluster.',
  });
}
