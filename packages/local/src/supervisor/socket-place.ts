import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A socket's path has at most 104 bytes on macOS, 108 on Linux, with the byte that ends it. */
const MAX_PATH_BYTES = 100;

export interface SocketPlace {
  readonly path: string;
  /** Removes what was made for it. */
  remove(): void;
}

/** Where a cluster's socket is: in its data folder, or, if that is too deep for a socket, in a folder that only we can enter. */
export function socketPlace(dataDir: string): SocketPlace {
  const path = join(dataDir, 'supervisor.sock');
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { path, remove: () => rmSync(path, { force: true }) };
  const folder = mkdtempSync(join(tmpdir(), 'culvert-'));
  return { path: join(folder, 'supervisor.sock'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
