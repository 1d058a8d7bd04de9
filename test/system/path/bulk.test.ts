import assert from 'node:assert/strict';
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { getVia, proxyHeaders } from '../../support/proxy-client.ts';
import { type Digest, digestOf, Pattern } from '../../support/targets/pattern.ts';
import { startTcpTarget, startWebTarget, type Target } from '../../support/targets/target.ts';
import { MemoryWatch } from './levels.ts';
import { HOST, Path, WAYS, type Way } from './setup.ts';

const MB = 1 << 20;
/** What windows and kernel buffers may hold between a sender and a reader that stands still. */
const MAX_UNDER_WAY_BYTES = 64 * MB;
const MAX_GROWTH_BYTES = 150 * MB;
/** Where a reader of bulk makes a halt. */
const HALT_AT_BYTES = 100 * MB;

describe('bulk', { timeout: 240_000 }, () => {
  const gigabyte = new Pattern(1024 * MB);
  const quarter = new Pattern(256 * MB);
  let path: Path;
  before(async () => {
    path = await Path.open();
    for (const way of WAYS) (await path.tunnel(way, await closedPort(path))).destroy();
    await path.rememberLevels();
  });
  after(() => path.end());
});
