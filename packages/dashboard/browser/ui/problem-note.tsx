import { asProblem } from '../api/problem.ts';
import { Button } from './button.tsx';

interface ProblemNoteProps {
  readonly error: unknown;
  readonly retry?: () => void;
}

/** What went wrong, what to do about it, and the code to look it up by. */
export function ProblemNote({ error, retry }: ProblemNoteProps) {
  const { message, fix, code } = asProblem(error);
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{message}</strong> <code>{code}</code>
      </p>
      {fix === undefined ? null : <p>{fix}</p>}
      {retry === undefined ? null : <Button onClick={retry}>Try again</Button>}
    </div>
  );
}
