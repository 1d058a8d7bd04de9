import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { EVERYTHING, isFiltered, type SessionFilter, STATES, trimmed } from './session-filter.ts';

const TYPING_MS = 350;
const STATE_CHOICES = [{ value: '' as const, label: 'any' }, ...STATES.map((value) => ({ value, label: value }))];
const FIELDS = [
  { name: 'q', label: 'Search', placeholder: 'id, name, tenant or label' },
  { name: 'tenant', label: 'Tenant', placeholder: 'id' },
  { name: 'node', label: 'Node', placeholder: 'id' },
  { name: 'label', label: 'Label', placeholder: 'key or key=value' },
] as const;

interface SessionFiltersProps {
  readonly filter: SessionFilter;
  readonly onChange: (filter: SessionFilter) => void;
}

/** What is typed takes effect once the person has paused. */
export function SessionFilters({ filter, onChange }: SessionFiltersProps) {
  const [typed, setTyped] = useState(filter);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    // What is on its way from here into the address has blanks trimmed: what is being typed keeps them.
    setTyped((now) => (isSame(trimmed(now), filter) ? now : filter));
  }, [filter]);
  const change = (some: Partial<SessionFilter>, inMs: number): void => {
    const next = { ...typed, ...some };
    setTyped(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(trimmed(next)), inMs);
  };
  return (
    <search class="filters sessions-filters" aria-label="Sessions to show">
      {FIELDS.slice(0, 1).map(field)}
      <Choice label="State" value={typed.state} options={STATE_CHOICES} onChange={(state) => change({ state }, 0)} />
      {FIELDS.slice(1).map(field)}
      {isFiltered(typed) ? <Button onClick={() => change(EVERYTHING, 0)}>Show all</Button> : null}
    </search>
  );

  function field({ name, label, placeholder }: (typeof FIELDS)[number]) {
    return (
      <Field
        key={name}
        label={label}
        type="search"
        value={typed[name]}
        onInput={(value) => change({ [name]: value }, TYPING_MS)}
        placeholder={placeholder}
        spellcheck={false}
        autocomplete="off"
      />
    );
  }
}

function isSame(a: SessionFilter, b: SessionFilter): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
