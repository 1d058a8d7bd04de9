import { useEffect, useState } from 'preact/hooks';

const SHOWN_MS = 2_000;

interface CopyProps {
  readonly text: string;
  readonly label: string;
  /** What is displayed in its place: text with a secret in it that is not to be read over a shoulder. */
  readonly shown?: string;
}

/** Text that people take elsewhere: a command, an id, an address. */
export function Copy({ text, label, shown = text }: CopyProps) {
  const [outcome, setOutcome] = useState<'' | 'Copied' | 'Select and copy it by hand'>('');
  useEffect(() => {
    if (outcome === '') return;
    const timer = setTimeout(() => setOutcome(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = (): void => {
    // Without HTTPS browsers give no access to the clipboard.
    if (navigator.clipboard === undefined) return setOutcome('Select and copy it by hand');
    navigator.clipboard.writeText(text).then(
      () => setOutcome('Copied'),
      () => setOutcome('Select and copy it by hand'),
    );
  };
  return (
    <span class="copy">
      <code>{shown}</code>
      <button type="button" class="button quiet" onClick={copy} aria-label={`Copy ${label}`}>
        Copy
      </button>
      <span role="status" class="faint">
        {outcome}
      </span>
    </span>
  );
}
