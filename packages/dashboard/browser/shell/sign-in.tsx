import { useMutation } from '@tanstack/preact-query';
import { useEffect, useState } from 'preact/hooks';
import { signIn } from '../api/me.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';

/** A key for a cookie. */
export function SignIn() {
  const [key, setKey] = useState('');
  const entering = useMutation({ mutationFn: () => signIn(key.trim()) });
  useEffect(() => {
    document.title = 'Sign in · Culvert';
  }, []);
  const submit = (event: Event): void => {
    event.preventDefault();
    entering.mutate();
  };
  return (
    <main class="sign-in">
      <h1>Culvert</h1>
      <form onSubmit={submit}>
        <Field
          label="API key"
          type="password"
          value={key}
          onInput={setKey}
          placeholder="ck_…"
          autocomplete="off"
          required
        />
        {entering.error === null ? null : <ProblemNote error={entering.error} />}
        <Button type="submit" kind="primary" busy={entering.isPending}>
          Sign in
        </Button>
      </form>
      <p class="faint">
        With a key of the role viewer, operator or admin: <code>culvert keys create --role viewer</code>. On a cluster
        of <code>npm start</code> it is <code>adminKey</code> in <code>.culvert/local.json</code>.
      </p>
    </main>
  );
}
