import type { MaintenanceWindow } from '@culvert/contracts';
import { useMutation } from '@tanstack/preact-query';
import { useRef, useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { announce } from '../../ui/toast.tsx';
import { parseDuration } from './durations.ts';
import { refreshWindows } from './queries.ts';
import { cronProblem, durationProblem, idProblem, timezoneProblem } from './times-form.ts';

interface WindowDialogProps {
  readonly known: readonly MaintenanceWindow[];
  readonly onClose: () => void;
}

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;

export function WindowDialog({ known, onClose }: WindowDialogProps) {
  const [form, setForm] = useState({ id: '', cron: '', timezone: HERE, span: '', pool: '' });
  const [isTried, setTried] = useState(false);
  const fields = useRef<HTMLFormElement>(null);
  const [id, timezone, pool] = [form.id.trim(), form.timezone.trim(), form.pool.trim()];
  const problems = {
    id: known.some((one) => one.id === id) ? 'There is one of that name.' : idProblem(id),
    cron: cronProblem(form.cron),
    span: durationProblem(form.span, MINUTE_MS, WEEK_MS, 'Such as 30m or 6h; from 1m to 7d.'),
    timezone: timezoneProblem(timezone),
    pool: idProblem(pool, true),
  };
  const add = useMutation({
    mutationFn: () => {
      const body = {
        ...{ cron: form.cron.trim(), forMs: parseDuration(form.span) ?? 0 }, // checked before
        ...(timezone === '' ? {} : { timezone }),
        ...(pool === '' ? {} : { pool }),
      };
      return answerOf(api.PUT('/v1/windows/{id}', { params: { path: { id } }, body }));
    },
    onSuccess: async () => {
      announce(`Window ${id} is added`);
      onClose();
      await refreshWindows();
    },
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    setTried(true);
    if (Object.values(problems).every((problem) => problem === undefined)) add.mutate();
    else requestAnimationFrame(() => fields.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus());
  };
  const line = (name: keyof typeof form, label: string, placeholder: string, hint?: string) => (
    <Field
      label={label}
      value={form[name]}
      onInput={(value) => setForm((now) => ({ ...now, [name]: value }))}
      placeholder={placeholder}
      problem={isTried ? problems[name] : undefined}
      {...(hint === undefined ? {} : { hint })}
    />
  );
  return (
    <Dialog title="Add a maintenance window" onClose={onClose}>
      <form ref={fields} onSubmit={submit} noValidate>
        {line('id', 'Name', 'night')}
        {line('cron', 'Opens', '0 22 * * *', 'Cron: minute hour day month weekday.')}
        {line('span', 'For', '6h')}
        {line('timezone', 'Time zone', 'UTC')}
        {line('pool', 'Pool', 'every pool')}
        {add.error === null ? null : <ProblemNote error={add.error} />}
        <footer>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={add.isPending}>
            Add
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
