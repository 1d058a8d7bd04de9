import { LocationProvider } from 'preact-iso';
import { useMe } from './api/me.ts';
import { Shell } from './shell/shell.tsx';
import { SignIn } from './shell/sign-in.tsx';
import { Loading } from './ui/loading.tsx';
import { ProblemNote } from './ui/problem-note.tsx';

/** Who has not signed in sees that page, wherever he wanted to go, and is there afterwards. */
export function App() {
  const { me, error, retry } = useMe();
  if (me === undefined && error !== null) return <ProblemNote error={error} retry={retry} />;
  if (me === undefined) return <Loading what="the dashboard" />;
  if (me === null) return <SignIn />;
  return (
    <LocationProvider>
      <Shell me={me} />
    </LocationProvider>
  );
}
