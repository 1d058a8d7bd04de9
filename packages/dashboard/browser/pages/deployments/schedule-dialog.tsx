import type { Schedule, ScheduleBody } from '@culvert/contracts';
import { useMutation } from '@tanstack/preact-query';
import { useRef, useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { announce } from '../../ui/toast.tsx';
import { refreshSchedules } from './queries.ts';
import { RequestFields } from './request-fields.tsx';
import { EMPTY_FORM, type Problems, readForm } from './request-form.ts';
import { cronProblem, idProblem, timezoneProblem } from './times-form.ts';

interface ScheduleDialogProps {
  readonly known: readonly Schedule[];
  readonly onClose: () => void;
}

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A deployment or a rehearsal that begins by itself, again and again. */
export function ScheduleDialog({ known, onClose }: ScheduleDialogProps) {
  const [when, setWhen] = useState({ id: '', cron: '', timezone: HERE });
  const [what, setWhat] = useState<'rehearsal' | 'deployment'>('rehearsal');
  const [pool, setPool] = useState('');
  const [form, setForm] = useState(EMPTY_FORM);
  const [isTried, setTried] = useState(false);
  const fields = useRef<HTMLFormElement>(null);
  const read = what === 'deployment' ? readForm(form) : undefined;
  const isTaken = known.some(({ id }) => id === when.id.trim());
  const problems = {
    id: isTaken ? 'There is one of that name.' : idProblem(when.id),
    cron: cronProblem(when.cron),
    timezone: timezoneProblem(when.timezone),
    pool: what === 'rehearsal' ? idProblem(pool, true) : undefined,
  };
  const requestProblems: Problems = read !== undefined && 'problems' in read ? read.problems : {};
  const isFine = Object.values({ ...problems, ...requestProblems }).every((problem) => problem === undefined);
  const add = useMutation({
    mutationFn: (body: ScheduleBody) =>
      answerOf(api.PUT('/v1/schedules/{id}', { params: { path: { id: when.id.trim() } }, body })),
    onSuccess: async () => {
      announce(`Schedule ${when.id} is added`);
      onClose();
      await refreshSchedules();
    },
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    setTried(true);
    if (!isFine) {
      requestAnimationFrame(() => fields.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus());
      return;
    }
    const timezone = when.timezone.trim();
    const times = { cron: when.cron.trim(), ...(timezone === '' ? {} : { timezone }) };
    if (read !== undefined && 'body' in read) add.mutate({ ...times, deployment: read.body });
    else add.mutate({ ...times, rehearsal: pool.trim() === '' ? {} : { pool: pool.trim() } });
  };
  const shown = (problem: string | undefined): string | undefined => (isTried ? problem : undefined);
  return (
    <Dialog title="Add a schedule" onClose={onClose} wide>
      <form ref={fields} onSubmit={submit} noValidate>
        <div class="deployments-fields">
          <Field
            label="Name"
            value={when.id}
            onInput={(id) => setWhen({ ...when, id })}
            placeholder="nightly"
            problem={shown(problems.id)}
          />
          <Field
            label="When"
            value={when.cron}
            onInput={(cron) => setWhen({ ...when, cron })}
            placeholder="0 3 * * *"
            hint="Cron: minute hour day month weekday."
            problem={shown(problems.cron)}
          />
          <Field
            label="Time zone"
            value={when.timezone}
            onInput={(timezone) => setWhen({ ...when, timezone })}
            placeholder="UTC"
            problem={shown(problems.timezone)}
          />
          <Choice
            label="What begins"
            value={what}
            onChange={setWhat}
            options={[
              { value: 'rehearsal', label: 'a rehearsal' },
              { value: 'deployment', label: 'a deployment' },
            ]}
          />
        </div>
        {what === 'rehearsal' ? (
          <Field label="Pool" value={pool} onInput={setPool} placeholder="default" problem={shown(problems.pool)} />
        ) : (
          <RequestFields
            form={form}
            problems={isTried ? requestProblems : {}}
            change={(changed) => setForm((now) => ({ ...now, ...changed }))}
            unattended
          />
        )}
        <p class="faint">While another deployment is under way its turn is passed over.</p>
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
