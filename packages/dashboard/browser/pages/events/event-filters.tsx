import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { EVERYTHING, type EventFilter, problemsIn, TYPE_CHOICES } from './event-filter.ts';

const TYPING_MS = 400;

interface EventFiltersProps {
  readonly filter: EventFilter;
  readonly onChange: (filter: EventFilter) => void;
}

/** What is typed takes effect once the person has paused. */
export function EventFilters({ filter, onChange }: EventFiltersProps) {
  const [typed, setTyped] = useState(filter);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => setTyped(filter), [filter]);
  const change = (some: Partial<EventFilter>, inMs: number): void => {
    const next = { ...typed, ...some };
    setTyped(next);
    clearTimeout(timer.current);
    if (Object.keys(problemsIn(trimmed(next))).length > 0) return;
    timer.current = setTimeout(() => onChange(trimmed(next)), inMs);
  };
  const isFiltered = Object.values(typed).some((value) => value !== '');
  const problems = problemsIn(trimmed(typed));
  return (
    <search class="filters" aria-label="Events to show">
      <Choice
        label="Type"
        value={typed.types}
        options={choicesWith(typed.types)}
        onChange={(types) => change({ types }, 0)}
      />
      {(['session', 'node', 'tenant'] as const).map((name) => (
        <Field
          key={name}
          label={name[0]?.toUpperCase() + name.slice(1)}
          type="search"
          value={typed[name]}
          onInput={(value) => change({ [name]: value }, TYPING_MS)}
          problem={problems[name]}
          placeholder="id"
          spellcheck={false}
          autocomplete="off"
        />
      ))}
      {isFiltered ? <Button onClick={() => change(EVERYTHING, 0)}>Show all</Button> : null}
    </search>
  );
}

function trimmed({ types, session, node, tenant }: EventFilter): EventFilter {
  return { types, session: session.trim(), node: node.trim(), tenant: tenant.trim() };
}

/** An address may ask for more than the list offers, such as two types. */
function choicesWith(types: string): typeof TYPE_CHOICES {
  if (TYPE_CHOICES.some(({ value }) => value === types)) return TYPE_CHOICES;
  return [...TYPE_CHOICES, { value: types, label: types.replaceAll(',', ', ') }];
}
