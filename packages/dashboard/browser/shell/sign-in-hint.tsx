import './sign-in.css';
import { useEffect } from 'preact/hooks';
import { useFeedState } from '../api/live.ts';
import { askAgain, useSignInTime } from '../api/me.ts';
import { hintOf, type SignInTime } from '../api/sign-in-time.ts';
import { duration } from '../format/times.ts';
import { Button } from '../ui/button.tsx';
import { useNow } from '../ui/now.ts';
import { signOutOrSay } from './sign-out.ts';

/** Says that the sign-in is about to end, and sees that it has. */
export function SignInHint() {
  const time = useSignInTime();
  useFindingOut();
  return time === undefined ? null : <Hint time={time} />;
}

/** A stream that was refused does not say why: whether one is signed in still is asked apart. */
function useFindingOut(): void {
  const lost = useFeedState() === 'lost';
  useEffect(() => {
    if (lost) askAgain();
  }, [lost]);
}

function Hint({ time }: { readonly time: SignInTime }) {
  const hint = hintOf(time, useNow());
  const over = hint.kind === 'over';
  useEffect(() => {
    if (over) askAgain();
  }, [over]);
  if (hint.kind === 'none' || hint.kind === 'over') return null;
  const left = duration(hint.leftMs);
  return (
    <div class="sign-in-hint">
      {hint.kind === 'idle' ? (
        <>
          <span role="status">You will be signed out soon, because nothing was asked for.</span>
          <span class="faint">In {left}</span>
          <Button onClick={askAgain}>Stay signed in</Button>
        </>
      ) : (
        <>
          <span role="status">Your sign-in ends soon, however much you do: sign in anew when it suits you.</span>
          <span class="faint">In {left}</span>
          <Button onClick={signOutOrSay}>Sign in anew</Button>
        </>
      )}
    </div>
  );
}
