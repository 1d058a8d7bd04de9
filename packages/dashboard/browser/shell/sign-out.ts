import { signOut } from '../api/me.ts';
import { asProblem } from '../api/problem.ts';
import { announce } from '../ui/toast.tsx';

/** Signs out, or says that it could not be done. */
export function signOutOrSay(): void {
  signOut().catch((error: unknown) => {
    const { message, fix } = asProblem(error);
    announce(['You are still signed in.', message, fix].filter(Boolean).join(' '));
  });
}
