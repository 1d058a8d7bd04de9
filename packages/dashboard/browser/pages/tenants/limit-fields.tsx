import { Field } from '../../ui/field.tsx';
import { limitOf } from './nearness.ts';

export interface TypedLimits {
  readonly sessions: string;
  readonly connections: string;
}

interface LimitFieldsProps {
  readonly typed: TypedLimits;
  readonly onChange: (typed: TypedLimits) => void;
}

export function LimitFields({ typed, onChange }: LimitFieldsProps) {
  const wrong = (least: 0 | 1) => `A whole number from ${least} to 1,000,000.`;
  return (
    <>
      <Field
        label="Sessions at one time, at most"
        type="number"
        min={0}
        max={1_000_000}
        value={typed.sessions}
        onInput={(sessions) => onChange({ ...typed, sessions })}
        problem={limitOf(typed.sessions, 0) === undefined ? wrong(0) : undefined}
      />
      <Field
        label="Connections of each session at one time, at most"
        type="number"
        min={1}
        max={1_000_000}
        value={typed.connections}
        onInput={(connections) => onChange({ ...typed, connections })}
        problem={limitOf(typed.connections, 1) === undefined ? wrong(1) : undefined}
      />
    </>
  );
}
