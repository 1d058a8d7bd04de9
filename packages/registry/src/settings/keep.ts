import { type Logger, sleep, toCulvertError } from '@culvert/base';
import type { SettingsSnapshot } from './records.ts';
import type { SnapshotFile } from './snapshot-file.ts';
import type { SettingsStore } from './store.ts';

/** How often the keeper compares revisions, besides at each hint: an emptied Redis sends none. */
const CHECK_EVERY_MS = 2_000;

export interface KeepSettingsOptions {
  readonly registry: { readonly settings: SettingsStore; onAvailability(listener: (up: boolean) => void): () => void };
  readonly file: SnapshotFile;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** For tests. */
  readonly checkEveryMs?: number;
}

export interface SettingsKeeper {
  /** Resolves when the signal is aborted and the last save is done; rejects if the snapshot can no longer be saved. */
  readonly done: Promise<void>;
}

/**
 * The API process's part in keeping settings: takes the snapshot on its disk at start (so that keys are known before
 * Redis is there), saves each newer one, and puts the newest back when Redis comes back older or empty.
 * Resolves once the file is read. Rejects with `config_invalid` if it cannot be used.
 */
export async function keepSettings(options: KeepSettingsOptions): Promise<SettingsKeeper> {
  const { registry, file, signal } = options;
  const fromDisk = await file.load();
  if (fromDisk) registry.settings.adopt(fromDisk);
  const stop = new AbortController(); // ours or the caller's: a save that fails ends the watching, too
  const either = AbortSignal.any([signal, stop.signal]);
  const saving = saveChanges(registry.settings, file, either, fromDisk?.revision ?? 0).finally(() => stop.abort());
  const watching = watch(options, either);
  return { done: Promise.all([saving, watching]).then(() => undefined) };
}

/** Saves the newest snapshot whenever it is newer than the one on disk; skips those that were overtaken meanwhile. */
async function saveChanges(
  settings: SettingsStore,
  file: SnapshotFile,
  signal: AbortSignal,
  savedRevision: number,
): Promise<void> {
  let saved = savedRevision;
  let wake = Promise.withResolvers<void>();
  const stirred = (): void => wake.resolve();
  const unsubscribe = settings.onChange(stirred);
  signal.addEventListener('abort', stirred);
  try {
    for (;;) {
      const snapshot: SettingsSnapshot = settings.snapshot;
      if (snapshot.revision > saved) {
        await file.save(snapshot);
        saved = snapshot.revision;
      } else if (signal.aborted) {
        return;
      } else {
        await wake.promise;
        wake = Promise.withResolvers<void>();
      }
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', stirred);
  }
}

/** Compares Redis with what is known until the signal is aborted: at each return of Redis, and every few seconds. */
async function watch(options: KeepSettingsOptions, signal: AbortSignal): Promise<void> {
  const { registry, logger, checkEveryMs = CHECK_EVERY_MS } = options;
  let nap = new AbortController();
  const unsubscribe = registry.onAvailability((up) => {
    if (up) nap.abort();
  });
  while (!signal.aborted) {
    nap = new AbortController();
    try {
      await reconcile(registry.settings);
    } catch (error) {
      // Redis is away (that is told elsewhere) or holds what we cannot read: what is known stays in force.
      const { code } = toCulvertError(error);
      const level = code === 'registry_unavailable' || code === 'shutting_down' ? 'debug' : 'error';
      logger[level]({ event: 'settings.check_failed', err: error }, 'the settings could not be compared with Redis');
    }
    await sleep(checkEveryMs, AbortSignal.any([signal, nap.signal]));
  }
  unsubscribe();
}

async function reconcile(settings: SettingsStore): Promise<void> {
  if ((await settings.refresh()) === 'behind') await settings.restore(settings.snapshot);
  await settings.revokeAgain();
}
