import { useMutation } from '@tanstack/preact-query';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { ProblemNote } from './problem-note.tsx';
import { announce } from './toast.tsx';

interface ConfirmProps {
  readonly title: string;
  /** What will happen, in figures where there are any. */
  readonly children: ComponentChildren;
  /** On the button: the verb. */
  readonly verb: string;
  /** Has to be typed before it goes on: for what breaks something. */
  readonly guard?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly act: () => Promise<unknown>;
  /** Said when it is done. */
  readonly done: string;
  readonly onClose: () => void;
}

/** Asks before something is done, does it, and says what came of it. */
export function Confirm({
  title,
  children,
  verb,
  guard,
  danger = false,
  disabled = false,
  act,
  done,
  onClose,
}: ConfirmProps) {
  const [typed, setTyped] = useState('');
  const action = useMutation({
    // Given by the press of the button: the function of the last paint might not know yet what was typed before it.
    mutationFn: (run: () => Promise<unknown>) => run(),
    onSuccess: () => {
      announce(done);
      onClose();
    },
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    action.mutate(act);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        {children}
        {guard === undefined ? null : (
          <Field label={`Type ${guard} to confirm`} value={typed} onInput={setTyped} spellcheck={false} />
        )}
        {action.error === null ? null : <ProblemNote error={action.error} />}
        <footer>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            kind={danger ? 'danger' : 'primary'}
            busy={action.isPending}
            disabled={disabled || (guard !== undefined && typed !== guard)}
          >
            {verb}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
