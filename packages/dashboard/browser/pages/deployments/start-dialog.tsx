import type { Deployment, DeploymentBody } from '@culvert/contracts';
import { useMutation } from '@tanstack/preact-query';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { ApiProblem } from '../../api/problem.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Loading } from '../../ui/loading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { announce } from '../../ui/toast.tsx';
import { Forecast } from './forecast.tsx';
import { newKey, startDeployment, useDeployment } from './queries.ts';
import { RequestFields } from './request-fields.tsx';
import { EMPTY_FORM, formOf, type Problems, type RequestForm, readForm } from './request-form.ts';

interface StartDialogProps {
  /** Id of the deployment whose settings it begins with. */
  readonly again?: string;
  readonly version?: string;
  readonly onClose: () => void;
}

/** What is to be done, then what would happen, then "Start". */
export function StartDialog({ again, version, onClose }: StartDialogProps) {
  return (
    <Dialog title="Start a deployment" onClose={onClose} wide>
      {again === undefined ? (
        <Asking initial={{ ...EMPTY_FORM, version: version ?? '' }} onClose={onClose} />
      ) : (
        <AskingAgain id={again} version={version} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface AskingAgainProps {
  readonly id: string;
  readonly version: string | undefined;
  readonly onClose: () => void;
}

function AskingAgain({ id, version, onClose }: AskingAgainProps) {
  const { data, error, refetch } = useDeployment(id);
  if (data === undefined && error !== null) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="its settings" />;
  return <Asking initial={formOf(data.request, version)} onClose={onClose} />;
}

function Asking({ initial, onClose }: { readonly initial: RequestForm; readonly onClose: () => void }) {
  const [form, setForm] = useState(initial);
  const [problems, setProblems] = useState<Problems>({});
  const [planned, setPlanned] = useState<{ body: DeploymentBody; foreseen: Deployment } | undefined>(undefined);
  const fields = useRef<HTMLFormElement>(null);
  const dryRun = useMutation({
    mutationFn: async (body: DeploymentBody) => {
      const { queue: _, ...now } = body; // A dry run answers now: it has no turn to wait for.
      return { body, foreseen: await startDeployment({ ...now, dryRun: true }, newKey()) };
    },
    onSuccess: setPlanned,
  });
  const change = (changed: Partial<RequestForm>): void => {
    setForm((now) => ({ ...now, ...changed }));
    // What was refused was for other settings.
    if (dryRun.isError) dryRun.reset();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const read = readForm(form);
    setProblems('problems' in read ? read.problems : {});
    if ('body' in read) dryRun.mutate(read.body);
    else requestAnimationFrame(() => fields.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus());
  };
  if (planned !== undefined) {
    return <Planned {...planned} onBack={() => setPlanned(undefined)} />;
  }
  const { error, variables } = dryRun;
  const canQueue = error instanceof ApiProblem && error.code === 'deployment_active' && variables?.queue === true;
  return (
    <form ref={fields} onSubmit={submit} noValidate>
      <RequestFields form={form} problems={problems} change={change} />
      {error === null ? null : <ProblemNote error={error} />}
      <footer>
        <Button onClick={onClose}>Cancel</Button>
        {canQueue && variables !== undefined ? (
          <StartButton body={variables} text="Queue it without a dry run" />
        ) : null}
        <Button type="submit" kind="primary" busy={dryRun.isPending}>
          {dryRun.isPending ? 'Looking …' : 'Dry run'}
        </Button>
      </footer>
    </form>
  );
}

interface PlannedProps {
  readonly body: DeploymentBody;
  readonly foreseen: Deployment;
  readonly onBack: () => void;
}

function Planned({ body, foreseen, onBack }: PlannedProps) {
  const { forecast, reason } = foreseen;
  const heading = useRef<HTMLHeadingElement>(null);
  // The fields, one of which had the focus, are gone.
  useEffect(() => heading.current?.focus(), []);
  return (
    <div class="deployments-planned">
      <h3 ref={heading} tabIndex={-1}>
        What would happen
      </h3>
      {forecast === null ? (
        <p class="bad">It could not begin: {reason ?? 'the deploy worker said nothing'}.</p>
      ) : (
        <Forecast forecast={forecast} request={foreseen.request} />
      )}
      <footer>
        <Button onClick={onBack}>Back to the settings</Button>
        {forecast === null ? null : <StartButton body={body} text="Start" />}
      </footer>
    </div>
  );
}

/** However often it is pressed, one is started: each carries the same Idempotency-Key. */
function StartButton({ body, text }: { readonly body: DeploymentBody; readonly text: string }) {
  const { route } = useLocation();
  const key = useRef(newKey());
  const isAsked = useRef(false);
  const start = useMutation({
    mutationFn: () => startDeployment(body, key.current),
    onSuccess: ({ id }) => {
      announce(`Deployment of ${body.version} has begun`);
      // While it is open, the title of the next page could not have the focus; and the way back is not to open it again.
      document.querySelector<HTMLDialogElement>('dialog[open]')?.close();
      route('/deployments', true);
      route(`/deployments/${id}`);
    },
    onError: () => {
      isAsked.current = false;
    },
  });
  const press = (): void => {
    // The second of a double click comes before the button is drawn as busy.
    if (isAsked.current) return;
    isAsked.current = true;
    start.mutate();
  };
  return (
    <>
      {start.error === null ? null : <ProblemNote error={start.error} />}
      <Button kind="primary" busy={start.isPending} onClick={press}>
        {text}
      </Button>
    </>
  );
}
