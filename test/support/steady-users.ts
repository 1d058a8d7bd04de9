import { setTimeout as delay } from 'node:timers/promises';

export interface SteadyUsers {
  readonly users: number;
  /** One begins so long after the other: what lasts long does not begin, and end, all at once. */
  readonly apartMs: number;
  /** Between two uses of one of them. */
  readonly pauseMs: number;
}

/** Some users do `use` again and again until `work` is done. Rejects with the first that fails of all of them. */
export async function whileUsed<T>(
  { users, apartMs, pauseMs }: SteadyUsers,
  use: () => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  let done = false;
  const user = async (_: unknown, number: number): Promise<void> => {
    await delay(number * apartMs);
    while (!done) {
      await use();
      await delay(pauseMs);
    }
  };
  const used = Promise.all(Array.from({ length: users }).map(user));
  const worked = work().finally(() => {
    done = true;
  });
  const [result] = await Promise.all([worked, used]);
  return result;
}
