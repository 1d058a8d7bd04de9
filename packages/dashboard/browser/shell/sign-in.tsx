import './sign-in.css';
import { useMutation } from '@tanstack/preact-query';
import { useEffect, useRef, useState } from 'preact/hooks';
import { signIn, useWhyOut, type WhyOut } from '../api/me.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';

const WHY: Readonly<Record<NonNullable<WhyOut>, string>> = {
  ended: 'Your sign-in has ended. Sign in again, and you are where you were.',
  out: 'You have signed out.',
};

/** A key for a cookie. */
export function SignIn() {
  const [key, setKey] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const why = useWhyOut();
  const entering = useMutation({ mutationFn: (given: string) => signIn(given) });
  useEffect(() => {
    document.title = 'Sign in · Culvert';
    form.current?.querySelector('input')?.focus();
  }, []);
  const submit = (event: Event): void => {
    event.preventDefault();
    // As it stands in the field: what fills it in may send it before it is drawn anew.
    entering.mutate(form.current?.querySelector('input')?.value.trim() ?? '');
  };
  return (
    <main class="sign-in">
      <h1>Culvert</h1>
      {why === undefined ? null : (
        <p class="why" role="status">
          {WHY[why]}
        </p>
      )}
      <form ref={form} onSubmit={submit}>
        <Field
          label="API key"
          type="password"
          value={key}
          onInput={setKey}
          placeholder="ck_…"
          autocomplete="current-password"
          spellcheck={false}
          required
        />
        {entering.error === null ? null : <ProblemNote error={entering.error} />}
        <Button type="submit" kind="primary" busy={entering.isPending}>
          Sign in
        </Button>
      </form>
      <p class="faint">
        With a key of the role viewer, operator or admin: <code>culvert keys create --tenant ID --role viewer</code>{' '}
        makes one. On a cluster of <code>npm start</code> it is <code>adminKey</code> in{' '}
        <code>.culvert/local.json</code>.
      </p>
    </main>
  );
}
