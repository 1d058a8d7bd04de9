import type { Deployment, DeploymentNode, DeploymentVerb } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { Confirm } from '../../ui/confirm.tsx';
import { Field } from '../../ui/field.tsx';
import { parseDuration } from './durations.ts';
import { command } from './queries.ts';
import { durationProblem } from './times-form.ts';
import { verbWords } from './verb-words.ts';

const WEEK_MS = 7 * 24 * 3_600_000;

interface CommandDialogProps {
  readonly deployment: Deployment;
  readonly verb: DeploymentVerb;
  readonly held?: boolean;
  /** Of skip and force. */
  readonly node?: DeploymentNode;
  readonly waits?: readonly string[];
  readonly onClose: () => void;
}

/** Says what a command will do, and gives it. */
export function CommandDialog({ deployment, verb, held = false, node, waits = [], onClose }: CommandDialogProps) {
  const [by, setBy] = useState('10m');
  const { title, verb: word, will, done, danger, guard } = verbWords(verb, deployment, { held, node, waits });
  const problem =
    verb === 'extend' ? durationProblem(by, 1_000, WEEK_MS, 'Such as 10m or 1h; from 1s to 7d.') : undefined;
  const body = {
    ...(node === undefined ? {} : { node: node.id }),
    ...(verb === 'extend' ? { byMs: parseDuration(by) ?? 0 } : {}), // checked before
  };
  return (
    <Confirm
      title={title}
      verb={word}
      danger={danger}
      disabled={problem !== undefined}
      act={() => command(deployment.id, verb, body)}
      done={done}
      onClose={onClose}
      {...(guard === undefined ? {} : { guard })}
    >
      {will.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {verb === 'extend' ? <Field label="By" value={by} onInput={setBy} problem={problem} /> : null}
    </Confirm>
  );
}
