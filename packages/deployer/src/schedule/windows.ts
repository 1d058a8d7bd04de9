import type { Deployments } from '@culvert/registry';
import { type StoredWindow, type WindowState, windowsAt } from '@culvert/service';

/** All windows of a pool as one, from their documents; see `windowsAt`. */
export function windowState(windows: ReadonlyMap<string, unknown>, pool: string, nowMs: number): WindowState {
  return windowsAt([...windows.values()] as StoredWindow[], pool, nowMs); // as the API wrote them
}

/** Looks at what is stored now. */
export function windowLookUp(deployments: Pick<Deployments, 'documents'>) {
  return async (pool: string, nowMs: number): Promise<WindowState> =>
    windowState(await deployments.documents('window'), pool, nowMs);
}
