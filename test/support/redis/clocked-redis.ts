import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis, type TestRedis } from '@culvert/registry/testing';
import { findFakeTime } from './fake-time.ts';

/** Preloaded, too: the allocator that Redis brings asks for the time before the library is ready to answer. */
const LIBC = 'libc.so.6';

/** A Redis whose clock a test sets; what it measures with, the monotonic one, goes on as it is. */
export interface ClockedRedis extends AsyncDisposable {
  readonly redis: TestRedis;
  /** From now on its clock is so many seconds ahead of the machine's; below 0: behind it. */
  jumpTo(offsetSeconds: number): Promise<void>;
}

export async function startClockedRedis(): Promise<ClockedRedis> {
  const library = await findFakeTime();
  const dir = await mkdtemp(join(tmpdir(), 'culvert-clock-'));
  const file = join(dir, 'offset');
  const jumpTo = async (offsetSeconds: number): Promise<void> => {
    // Read at each look at the clock: it must never be half written.
    await writeFile(`${file}.new`, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`);
    await rename(`${file}.new`, file);
  };
  try {
    await jumpTo(0);
    const redis = await startRedis({
      env: {
        LD_PRELOAD: `${library} ${LIBC}`,
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_NO_CACHE: '1',
        DONT_FAKE_MONOTONIC: '1',
      },
    });
    return {
      redis,
      jumpTo,
      async [Symbol.asyncDispose]() {
        await redis.stop();
        await rm(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}
