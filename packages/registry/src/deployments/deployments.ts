import type { Directory } from '../directory.ts';
import { giveCommand, readCommands } from './commands.ts';
import { deleteDocument, putBackDocuments, putDocument, readDocuments } from './documents.ts';
import { putReceipt, putResult, putTouched, readReceipt, readResults, readTouched } from './evidence.ts';
import { letGo, takeLease } from './lease.ts';
import {
  activeDeployment,
  commitDeployment,
  createDeployment,
  getDeployment,
  listDeployments,
  restoreDeployment,
} from './records.ts';
import { readRollout, setRollout } from './rollout.ts';
import type { Deployments } from './types.ts';

/** The store of deployments in the same Redis, and the same slot, as the directory. */
export function createDeployments(directory: Directory): Deployments {
  return {
    create: (record, options) => createDeployment(directory, record, options),
    get: (id) => getDeployment(directory, id),
    list: (options) => listDeployments(directory, options),
    active: () => activeDeployment(directory),
    lease: (holder, forMs) => takeLease(directory, holder, forMs),
    letGo: (lease) => letGo(directory, lease),
    commit: (commit) => commitDeployment(directory, commit),
    command: (id, command) => giveCommand(directory, id, command),
    commands: (id) => readCommands(directory, id),
    putResult: (id, key, result) => putResult(directory, id, key, result),
    results: (id) => readResults(directory, id),
    putTouched: (id, entries) => putTouched(directory, id, entries),
    touched: (id) => readTouched(directory, id),
    putReceipt: (id, receipt) => putReceipt(directory, id, receipt),
    receipt: (id) => readReceipt(directory, id),
    restore: (record) => restoreDeployment(directory, record),
    setRollout: (rollout, fence) => setRollout(directory, rollout, fence),
    rollout: () => readRollout(directory),
    putDocument: (kind, id, document) => putDocument(directory, kind, id, document),
    deleteDocument: (kind, id) => deleteDocument(directory, kind, id),
    documents: (kind) => readDocuments(directory, kind),
    putBackDocuments: (round, documents) => putBackDocuments(directory, round, documents),
  };
}
